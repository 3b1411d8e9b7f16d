#!/usr/bin/env bash
# Before the release: v1 alone behind HAProxy, and a place for the canary.
. "$(dirname "$0")/common.sh"
need curl tools
prepare_root
release v1 "$SHARED/app"
start_server stable 1 v1
case $BREAK in
  # Half of 1 is 0: shares of such a weight leave no server at all.
  weight-1) sed 's/weight 100/weight 1/; s/weight 0/weight 1/' "$SCENARIO/haproxy.cfg" ;;
  *) cat "$SCENARIO/haproxy.cfg" ;;
esac | write "$ROOT/haproxy.cfg"
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
