#!/usr/bin/env bash
# How not to wait for an export: this program looks every second.
#   pardot-contracts --driver command:"bash examples/poll_every_second.sh"
# says which rule that breaks and which line to change. Its good twin is export_curl.sh.
set -euo pipefail

api=https://pi.pardot.com/api
out=${PARDOT_OUT:-.}
element() { sed -n "s:.*<$1>\(.*\)</$1>.*:\1:p"; }

key=$(curl -sS "$api/login/version/4" -d "email=$PARDOT_EMAIL" -d "password=$PARDOT_PASSWORD" \
        -d "user_key=$PARDOT_USER_KEY" | element api_key)
auth="Authorization: Pardot api_key=$key, user_key=$PARDOT_USER_KEY"
id=$(curl -sS "$api/export/version/4/do/create" -H "$auth" -H 'Content-Type: application/json' -d '{
        "object": "visitorActivity",
        "fields": ["id", "prospect_id", "type_name", "created_at"],
        "procedure": {"name": "filter_by_created_at",
                      "arguments": {"created_after": "-3 months"}}}' | element id | head -n 1)
state=
until [ "$state" = Complete ]; do
  sleep 1
  answer=$(curl -sS "$api/export/version/4/do/read/id/$id" -H "$auth")
  state=$(element state <<<"$answer")
  [ -n "$state" ] && [ "$state" != Failed ] || exit 1
done

mkdir -p "$out"
for url in $(element resultRefs <<<"$answer"); do
  curl -sS "$url" -H "$auth" -o "$out/${url##*/}.csv"
done
