#!/usr/bin/env bash
# Runs the fault table again and again and counts: `test/e2e/repeat-fault-table.sh [TIMES]`. Goes on after a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
times=${1:-20}
passed=0
for ((run = 1; run <= times; run += 1)); do
  echo "run $run of $times"
  npx vitest run --project alone test/e2e/fault-table.test.ts && passed=$((passed + 1))
done
echo "$passed of $times without a miss"
[ "$passed" -eq "$times" ]
