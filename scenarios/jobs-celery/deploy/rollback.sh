#!/usr/bin/env bash
# The way back in the other order: first nobody makes jobs of the new kind any more, then what is left of them is done,
# then the old workers take over.
. "$(dirname "$0")/common.sh"
"$SCENARIO/deploy/switch.sh" v1
[ -e "$ROOT/run/worker-$RELEASE.pid" ] || exit 0
drained || say 'jobs are left in the queue'
start_workers v1
stop_workers "$RELEASE"
