#!/usr/bin/env bash
# Before the release: v1 as blue behind nginx.
. "$(dirname "$0")/common.sh"
need curl tools
need node node
prepare_root
release v1 "$SHARED/app"
configure_nginx
case $BREAK in
  # The proxy may send a POST a second time, though the first server may have done the work already.
  non-idempotent) echo 'proxy_next_upstream error timeout non_idempotent;' ;;
  *) echo 'proxy_next_upstream error timeout;' ;; # the default: only what can be repeated without harm
esac | write "$ROOT/nginx/retries.conf"
upstream blue green | write "$ROOT/nginx/upstream.conf"
start_shop blue v1
is_ready blue v1
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
