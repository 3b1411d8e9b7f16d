#!/usr/bin/env bash
# Changes the schema while v1 goes on reading and writing.
. "$(dirname "$0")/common.sh"
case $BREAK in
  lock-timeout) start_report ;;
esac
migrate expand
case $BREAK in
  one-update) ;; # does it in its own way
  *) (cd "$ROOT/releases/v2" && as deploy "$PYTHON" backfill.py) ;;
esac
case $BREAK in
  lock-queue)
    start_report
    migrate lock-queue
    ;;
  create-index | concurrent-index | one-update | drop-column) migrate "$BREAK" ;;
esac
