#!/usr/bin/env bash
# Replaces the running app by stopping it and starting the next version. Environment: PORT PIDFILE BOOT_MS.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
old=$(cat "$PIDFILE")
kill "$old"
while kill -0 "$old" 2>/dev/null; do sleep 0.01; done
VERSION=v2 "$here/start-app.sh"
echo "v2 is up"
