#!/usr/bin/env bash
# Ends everything of this scenario, however far the start came. The cluster goes on.
. "$(dirname "$0")/common.sh"
if [ -d "$ROOT/log" ]; then
  kube get events --sort-by .metadata.creationTimestamp >"$ROOT/log/events.log" 2>&1 || true
  kube get replicasets,pods -o wide >"$ROOT/log/state.log" 2>&1 || true
fi
stop_all
clear_cluster
[ ! -s "$ROOT/log/endpoints.log" ] || node "$SCENARIO/deploy/account.mjs" "$ROOT/log"
say "nothing is left in the cluster"
