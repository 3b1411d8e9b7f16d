#!/usr/bin/env bash
# v1 in both instances behind HAProxy.
. "$(dirname "$0")/common.sh"
check_tools
prepare_root
case $APP in express) packages ;; esac
build v1
cp "$SCENARIO/haproxy.cfg" "$ROOT/haproxy.cfg"
start_instance a v1
start_instance b v1
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
