#!/bin/bash
# Anonymizes photos with Obscura, or any other service with the Celantur Cloud API v2. Needs curl
# 7.76 or newer, and jq.
#
#     export OBSCURA_URL=http://127.0.0.1:8080 OBSCURA_USERNAME=admin OBSCURA_PASSWORD=...
#     ./obscura-client.sh anonymized photos/*.jpg
#
# Photos that have a result in the output folder are skipped, so the same line continues after an
# interrupt. Exit code: 0 when all photos are done, 1 when some failed.
set -uo pipefail

[ $# -ge 2 ] && [ -n "${OBSCURA_PASSWORD:-}" ] || { echo 'Usage: OBSCURA_PASSWORD=... ./obscura-client.sh FOLDER PHOTO...' >&2; exit 1; }
out=$1; shift
api=${OBSCURA_URL:-http://127.0.0.1:8080}/v2
parameters=${OBSCURA_PARAMETERS:-'{"anonymization_method": "blur", "face": true, "license_plate": true}'}
max_wait=1800   # seconds
# For responses, and for password and token: command lines can be read by other users.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export OBSCURA_USERNAME=${OBSCURA_USERNAME:-admin} OBSCURA_PASSWORD
jq -n '{username: env.OBSCURA_USERNAME, password: env.OBSCURA_PASSWORD}' >"$scratch/credentials"

# Writes the body of a response to a file; the rest goes to curl. Repeats what a busy or restarting
# service and a bad network cost, after 1, 2, 4... seconds or what Retry-After says. curl's own
# --retry does not repeat broken connections, or with --retry-all-errors repeats refusals too.
request() {
  local body=$1 attempt code pause; shift
  for attempt in 0 1 2 3 4 5 6; do
    code=$(curl --silent --connect-timeout 10 --speed-limit 1 --speed-time 120 -D "$scratch/headers" -o "$body" -w '%{http_code}' "$@") || code=000
    case $code in
      2*) return 0 ;;
      000 | 429 | 5*) ;;
      *) return 1 ;;
    esac
    pause=$(sed -n 's/^retry-after: *\([0-9]\{1,3\}\).*/\1/Ip' "$scratch/headers" 2>/dev/null)
    sleep "${pause:-$((1 << attempt))}"
  done
  return 1
}

# Prints the response of the API. A task that is created twice by a repeated request does no harm:
# it never gets a file and expires.
call() {
  request "$scratch/answer" -H "@$scratch/token" "$@" && cat "$scratch/answer"
}

# Why the last request was refused, in the service's own words.
reason() {
  jq -er '.error // .message' "$scratch/answer" 2>/dev/null || echo 'no response from the service'
}

# A photo and where its result goes. Prints why it failed and returns 1.
anonymize() {
  local photo=$1 result=$2 task id status pause=1 deadline=$((SECONDS + max_wait))
  [ -r "$photo" ] || { echo 'it cannot be read'; return 1; }
  # A token is valid for an hour: each photo gets its own.
  request "$scratch/answer" -d "@$scratch/credentials" "$api/signin" || { reason; return 1; }
  jq -r '"Authorization: " + .AccessToken' "$scratch/answer" >"$scratch/token"
  task=$(call -d "$parameters" "$api/task") || { reason; return 1; }
  id=$(jq -r .task_id <<<"$task")
  # The URL is complete and needs no Authorization header.
  request "$scratch/answer" -T "$photo" "$(jq -r .upload_url <<<"$task")" || { echo 'the upload failed'; return 1; }
  while true; do
    status=$(call "$api/task/$id/status") || { reason; return 1; }
    case $(jq -r .task_status <<<"$status") in
      done) break ;;
      failed | deleted) echo "task $id: $(jq -r '.failure_cause // .task_status' <<<"$status")"; return 1 ;;
    esac
    [ "$SECONDS" -lt "$deadline" ] || { echo "task $id is not finished after $max_wait s"; return 1; }
    sleep "$pause"
    pause=$((pause < 10 ? pause + 1 : 10))
  done
  task=$(call "$api/task/$id") || { reason; return 1; }
  # Under its own name there is only ever a complete result.
  request "$result.part" "$(jq -r .anonymized_url <<<"$task")" || { rm -f "$result.part"; echo 'the download failed'; return 1; }
  mv "$result.part" "$result"
}

mkdir -p "$out" || exit 1
code=0
for photo; do
  result=$out/${photo##*/}
  if [ -e "$result" ]; then
    echo "$photo: skipped, $result exists"
  elif problem=$(anonymize "$photo" "$result"); then
    echo "$photo: anonymized"
  else
    echo "$photo: failed: $problem" >&2
    code=1
  fi
done
exit "$code"
