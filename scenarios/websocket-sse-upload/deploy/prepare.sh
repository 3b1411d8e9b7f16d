#!/usr/bin/env bash
# The feed of events, and v1 as blue behind nginx.
. "$(dirname "$0")/common.sh"
need curl tools
prepare_root
packages
release v1
: >"$ROOT/shared/events.jsonl"
start feed node "$SCENARIO/app/feed.mjs" "$ROOT/shared/events.jsonl"
start_service blue v1
configure_nginx
case $BREAK in
  # The mistake of BREAK=worker-timeout: shorter than an upload, let alone a WebSocket. Nginx cuts what is left.
  worker-timeout) echo 'worker_shutdown_timeout 2s;' ;;
  *) echo 'worker_shutdown_timeout 60s;' ;; # longer than the drain
esac | write "$ROOT/nginx/shutdown.conf"
send_to blue
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
