#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
prepare_root
mkdir "$ROOT/shared/sessions"
(umask 077 && head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$ROOT/shared/secret-key")
release v1
start_app v1 blue
start_proxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
