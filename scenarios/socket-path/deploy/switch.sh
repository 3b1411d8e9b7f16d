#!/usr/bin/env bash
# switch.sh OLD NEW: the new release takes the socket over, then the old one finishes what it began.
. "$(dirname "$0")/common.sh"
start_app "$2"
answering "$(socket_of "$2")" "$2"
hand_over "$2"
# Killed in unlink-first: ended in order, the old process would remove the path (that is unlink-on-exit).
[ "$BREAK" = unlink-first ] && signal=KILL || signal=TERM
stop "app-$1" "$signal"
