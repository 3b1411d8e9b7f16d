#!/usr/bin/env bash
# within.sh COMMAND...: runs COMMAND in the cluster of ZDD_CLUSTER_DIR (scripts/cluster start).
set -euo pipefail
exec "$(cd "$(dirname "$0")/../../.." && pwd)/scripts/cluster" run -- "$@"
