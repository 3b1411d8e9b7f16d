#!/usr/bin/env bash
# v1 is served.
. "$(dirname "$0")/common.sh"
need nginx nginx
need curl tools
prepare_root
mkdir -p "$ROOT/shared/downloads"
head -c 262144 /dev/zero >"$ROOT/shared/downloads/manual.bin"
build v1
point_to v1
start_nginx
wait_for_http "http://127.0.0.1:$PORT/" 10 'content="v1"'
