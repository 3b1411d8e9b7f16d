#!/usr/bin/env bash
# Starts plain-app.mjs as a daemon and waits until it listens. Environment: PORT VERSION PIDFILE BOOT_MS.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -f "$PIDFILE"
node "$here/plain-app.mjs" </dev/null >/dev/null 2>&1 &
until [ -s "$PIDFILE" ]; do sleep 0.02; done
