#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
if [ -e "$ROOT/run/redis.pid" ] && redis ping >/dev/null 2>&1; then
  drained || true
  sleep 1
  # Jobs that nobody works on any more though they were begun.
  { echo 'jobs left in progress:'; redis zrange rq:wip:receipts 0 -1; } >"$ROOT/log/left.log"
fi
stop_all
