#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
if [ -e "$ROOT/run/redis.pid" ] && redis ping >/dev/null 2>&1; then
  drained || true
  sleep 1
  # Orders that nobody sent a receipt for.
  { echo 'orders without a receipt:'; redis keys 'order:*' | sed 's/^order://' | while read -r id; do
    [ -z "$id" ] || [ "$(redis exists "celery-task-meta-$id")" = 1 ] || echo "$id"
  done; } >"$ROOT/log/left.log"
fi
stop_all
