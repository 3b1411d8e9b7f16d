#!/usr/bin/env bash
# Usage: start-canary.sh RELEASE: it runs beside the stable one, is healthy, and gets nothing yet.
. "$(dirname "$0")/common.sh"
start_server canary 2 "$1"
runtime ready shop/canary
