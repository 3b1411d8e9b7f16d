#!/usr/bin/env bash
# Before the release: v1 behind nginx.
. "$(dirname "$0")/common.sh"
need curl tools
need node node
prepare_root
release v1 "$SHARED/app"
start_shop stable "$STABLE_PORT" v1
configure_nginx "s|__STABLE__|$STABLE_PORT|; s|__CANARY__|$CANARY_PORT|"
split 0
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
