#!/usr/bin/env bash
# Before the release: v1 on both servers behind HAProxy.
. "$(dirname "$0")/common.sh"
need curl tools
need ss tools
prepare_root
release v1 "$SHARED/app"
start_server shop-a 1 v1
start_server shop-b 2 v1
case $BREAK in
  # The default: at a reload the old process closes idle connections, also under a request that is on its way.
  reload-default) grep -v idle-close-on-response "$SCENARIO/haproxy.cfg" ;;
  *) cat "$SCENARIO/haproxy.cfg" ;;
esac | write "$ROOT/haproxy.cfg"
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
