#!/usr/bin/env bash
# One whole export with curl: log in, create, wait, download every result file.
# Hosts are written out, as in a program for production. Against the emulator:
#   pardot-mock exec --clock 60 -- bash examples/export_curl.sh out/
# What it does right is judged by
#   pardot-contracts --driver command:"bash examples/export_curl.sh"
set -euo pipefail

: "${PARDOT_EMAIL:?}" "${PARDOT_PASSWORD:?}" "${PARDOT_USER_KEY:?}"
out=${1:-${PARDOT_OUT:-.}}
unit=${POLL_SECONDS:-60}
export_url=https://pi.pardot.com/api/export/version/4/do
headers=$(mktemp)
trap 'rm -f "$headers"' EXIT

element() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p"; }
code() { sed -n 's:.*<err code="\([0-9]*\)".*:\1:p' | head -n 1; }
times() { awk "BEGIN { print $1 * $unit }"; }

# The headers go in by a file: a command line can be read by everybody on the machine.
log_in() {
  local key
  key=$(curl --silent --show-error --fail https://pi.pardot.com/api/login/version/4 \
          --data-urlencode email@<(printf %s "$PARDOT_EMAIL") \
          --data-urlencode password@<(printf %s "$PARDOT_PASSWORD") \
          --data-urlencode user_key@<(printf %s "$PARDOT_USER_KEY") | element api_key)
  [ -n "$key" ] || { echo "the login was refused" >&2; exit 1; }
  echo "Authorization: Pardot api_key=$key, user_key=$PARDOT_USER_KEY" >"$headers"
}

# Calls a URL into a file; logs in when the key has ended, and repeats what may be repeated.
call() {
  local into=$1 attempt refused
  shift
  for attempt in 0 1 2 3; do
    [ "$attempt" = 0 ] || sleep "$(times "$attempt / 2")"
    if ! curl --silent --show-error --fail-with-body --max-time 600 --speed-time 30 \
        -H @"$headers" -o "$into" "$@"; then
      # An export whose answer was lost may exist: asking again could make a second one.
      [[ $1 != */create ]] || exit 1
      grep -q '<err ' "$into" || continue
    fi
    refused=$(head -c 2000 "$into" | code)
    case $refused in
      '') return ;;
      1) [ "$attempt" = 0 ] || break; log_in ;;
      66) ;;
      *) break ;;
    esac
  done
  echo "gave up: $1 (code ${refused:-none})" >&2
  exit 1
}

answer=$(mktemp)
trap 'rm -f "$headers" "$answer"' EXIT
log_in
call "$answer" "$export_url/create" -H 'Content-Type: application/json' -d '{
        "object": "visitorActivity",
        "fields": ["id", "prospect_id", "type_name", "created_at"],
        "procedure": {"name": "filter_by_created_at",
                      "arguments": {"created_after": "-3 months", "created_before": "now"}}}'
id=$(element id <"$answer" | head -n 1)

look=0
while state=$(element state <"$answer"); do
  echo "export $id is $state"
  case $state in
    Complete) break ;;
    Waiting | Processing) ;;
    *) exit 1 ;;
  esac
  look=$((look + 1))
  sleep "$(times "$(((look * look + 9) / 5))")"
  call "$answer" "$export_url/read/id/$id"
done

mkdir -p "$out"
# No file is no element, one or more are one element each.
for url in $(element resultRefs <"$answer"); do
  call "$out/${url##*/}.csv" "$url"
  echo "wrote $out/${url##*/}.csv"
done
