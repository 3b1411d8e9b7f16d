#!/usr/bin/env bash
# Before the release: v1 on both servers behind HAProxy.
. "$(dirname "$0")/common.sh"
need curl tools
prepare_root
# The app is the shared one; v2 has routes of its own.
mkdir "$ROOT/app"
cp -R "$SHARED/app/." "$SCENARIO/app/v2" "$ROOT/app"
release v1 "$ROOT/app"
start_server shop-a 1 v1
start_server shop-b 2 v1
cp "$SCENARIO/haproxy.cfg" "$ROOT/haproxy.cfg"
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
