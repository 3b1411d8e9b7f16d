#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
prepare_root
start_redis
build v1
start_workers v1
start_web v1 blue
start_proxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
