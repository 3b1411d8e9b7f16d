#!/usr/bin/env bash
# A deploy that says where it is. Environment: ZDD_CLI (the command's main.js), PORT PIDFILE.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
node "$ZDD_CLI" mark migrate
sleep 1
node "$ZDD_CLI" mark switch
"$here/deploy.sh"
