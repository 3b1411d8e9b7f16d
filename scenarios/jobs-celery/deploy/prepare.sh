#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
/usr/bin/python3 -c 'import celery, redis, flask, gunicorn' 2>/dev/null ||
  fail "Celery is not installed. On Debian or Ubuntu: scripts/install-systems --only celery"
prepare_root
start_redis
release v1
start_workers v1
start_web v1 blue
start_proxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
