#!/usr/bin/env bash
# Runs the tests of exactness again and again: `test/e2e/repeat.sh [TIMES] [vitest arguments...]`; stops at the first failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
times=${1:-10}
shift || true
for ((run = 1; run <= times; run += 1)); do
  echo "run $run of $times"
  npx vitest run --project e2e --project alone "${@:-test/e2e/exactness.test.ts}"
done
echo "$times runs in a row"
