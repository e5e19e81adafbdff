#!/usr/bin/env bash
# One whole export with curl: log in, create, poll, download every result file.
# Hosts are written out, as in a program for production. Against the emulator:
#   pardot-mock exec --clock 60 -- bash examples/export_curl.sh out/
set -euo pipefail

: "${PARDOT_EMAIL:?}" "${PARDOT_PASSWORD:?}" "${PARDOT_USER_KEY:?}"
out=${1:-.}
poll=${POLL_SECONDS:-60}
export_url=https://pi.pardot.com/api/export/version/4/do

call() { curl --silent --show-error --fail-with-body "$@"; }
element() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p"; }

key=$(call https://pi.pardot.com/api/login/version/4 \
        --data-urlencode "email=$PARDOT_EMAIL" \
        --data-urlencode "password=$PARDOT_PASSWORD" \
        --data-urlencode "user_key=$PARDOT_USER_KEY" | element api_key)
auth="Authorization: Pardot api_key=$key, user_key=$PARDOT_USER_KEY"

id=$(call "$export_url/create" -H "$auth" -H 'Content-Type: application/json' -d '{
        "object": "visitorActivity",
        "fields": ["id", "prospect_id", "type_name", "created_at"],
        "procedure": {"name": "filter_by_created_at",
                      "arguments": {"created_after": "-3 months", "created_before": "now"}}}' |
     element id | head -n 1)
echo "export $id created"

while true; do
  answer=$(call "$export_url/read/id/$id" -H "$auth")
  state=$(element state <<<"$answer")
  echo "export $id is $state"
  case $state in
    Complete) break ;;
    Waiting | Processing) sleep "$poll" ;;
    *) exit 1 ;;
  esac
done

mkdir -p "$out"
element resultRefs <<<"$answer" | while read -r url; do
  call "$url" -H "$auth" -o "$out/${url##*/}.csv"
  echo "wrote $out/${url##*/}.csv"
done
