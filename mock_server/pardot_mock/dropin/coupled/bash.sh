# Read by bash before a script whose waits are coupled to an emulator's clock: `sleep` and `curl`
# tell from which line they were called. The variable that bash would have heeded is heeded too.
if [ -n "${PARDOT_MOCK_BASH_ENV:-}" ] && [ -r "$PARDOT_MOCK_BASH_ENV" ]; then
  . "$PARDOT_MOCK_BASH_ENV"
fi
if [ -n "${PARDOT_MOCK_WAITS:-}" ]; then
  _pardot_mock_at() {
    # 0 is this function, 1 the one below, 2 the line of the script that called it.
    local file=${BASH_SOURCE[2]:-}
    [ -n "$file" ] || return 0
    case $file in /*) ;; *) file=$PWD/$file ;; esac
    printf '%s:%s' "$file" "${BASH_LINENO[1]}"
  }
  sleep() { PARDOT_MOCK_AT=$(_pardot_mock_at) command sleep "$@"; }
  curl() {
    local at
    at=$(_pardot_mock_at)
    (
      exec 3<>"/dev/tcp/${PARDOT_MOCK_WAITS%:*}/${PARDOT_MOCK_WAITS##*:}" || exit 0
      printf 'call %s\n' "$at" >&3
      read -r _ <&3
    ) 2>/dev/null || true
    command curl "$@"
  }
fi
