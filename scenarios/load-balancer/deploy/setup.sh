#!/usr/bin/env bash
# Before the release: v1 on two targets behind the balancer.
. "$(dirname "$0")/common.sh"
need curl tools
need node node
prepare_root
release v1 "$SHARED/app"
start_target one v1
start_target two v1
cp "$SCENARIO/haproxy.cfg" "$ROOT/haproxy.cfg"
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
