#!/bin/sh
# Waits for a lock, writes two lines to a store that checks its token, and releases it. Needs curl and flock.
set -eu
file_id=$1 store=$2
lease_ms=${LEASE_MS:-30000} wait_ms=${WAIT_MS:-60000}
pause=$((lease_ms / 5000)) # in seconds: a lease has at least 5
locks=$LOCKGATE_SERVER/v1/files/locks
answer=$(mktemp)
trap 'rm -f "$answer"' EXIT

# Prints the status and leaves the body in $answer. Without an answer, or with 429 or 503, curl asks again: every call
# below may be repeated. The time-out is longer than a call is held.
call() {
  curl -sS --retry 10 --retry-all-errors --retry-delay 1 --max-time 35 -o "$answer" -w '%{http_code}' \
    -H "Authorization: Bearer $LOCKGATE_TOKEN" -H 'Content-Type: application/json' "$@"
}

field() {
  # Of the lock, not of what an administrator has taken of it.
  sed -n 's/"lost":.*//;s/.*"'"$1"'":"\([^"]*\)".*/\1/p' "$answer"
}

fail() {
  echo "$1" >&2
  exit 1
}

random() {
  od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

renew() {
  call --retry-max-time "$pause" --max-time "$pause" -d "{\"lease_ms\":$lease_ms}" "$locks/nlm/grants/$grant/renew"
}

# Renews while the work goes on, and ends it when the lock is lost, or when no renewal was answered for four fifths of
# the lease.
keep() {
  answer=/dev/null
  while sleep "$pause"; do
    [ "$(renew)" = 200 ] || kill "$1"
  done
}

# What a storage does: in one step it compares the token with the highest that it has seen, and writes. Numbers of
# the shell have 63 bits, which is enough for tokens until the store has been emptied eight million times.
write() (
  flock 9
  [ "$token" -ge "$(cat "$store.token" 2>/dev/null || echo 0)" ] || fail 'the store has seen a higher token'
  echo "$token" >"$store.token"
  echo "$1" >>"$store"
) 9>>"$store.lock"

work() {
  write first
  sleep "${WORK_SECONDS:-1}"
  write second
}

# An owner of its own for each piece of work: an owner is never in its own way. Under its key a repeat finds the lock,
# or the place in the queue, of the first attempt.
lock='{"mode":["API_BYTE_RANGE_EXCLUSIVE"],"offset":"0","size":"4096","owner_id":"job-'$(random)'"'
status=$(call -H "Idempotency-Key: $(random)" -d "$lock,\"lease_ms\":$lease_ms,\"wait_ms\":$wait_ms}" \
  "$LOCKGATE_SERVER/v1/files/$file_id/locks/nlm/byte-range/")
while [ "$status" = 202 ]; do
  status=$(call "$locks/waiters/$(field waiter_id)?wait_ms=20000")
done
[ "$status" = 200 ] || fail "no lock: $(field description)"

# The first renewal confirms a grant from the queue; until then it is provisional, and its token not good.
grant=$(field grant_id)
[ "$(renew)" = 200 ] || fail "the lock is lost: $(field description)"
grant=$(field grant_id) token=$(field fencing_token)

work &
work=$!
keep "$work" &
keeper=$!
wait "$work" || fail 'the work failed, or the lock was lost'
kill "$keeper"

# 404: it has ended by itself, or a first attempt was not answered.
status=$(call -X DELETE "$locks/nlm/grants/$grant")
[ "$status" = 200 ] || [ "$status" = 404 ] || fail "not released: $status"
echo "written under token $token"
