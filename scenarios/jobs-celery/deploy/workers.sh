#!/usr/bin/env bash
# workers.sh NEW OLD: workers that understand the jobs of both releases come first, before anybody makes new ones.
. "$(dirname "$0")/common.sh"
# The mistake of old-worker: the workers were forgotten. They go on with the old code.
[ "$BREAK" != old-worker ] || exit 0
start_workers "$1"
stop_workers "$2"
