#!/usr/bin/env bash
# Before the release: v1 on three instances behind nginx.
. "$(dirname "$0")/common.sh"
need curl tools
need node node
prepare_root
release v1 "$SHARED/app"
configure_nginx
for each in a b c; do line "$each"; done | write "$ROOT/nginx/upstream.conf"
for each in a b c; do start_shop "$each" v1; done
for each in a b c; do is_ready "$each" v1; done
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
