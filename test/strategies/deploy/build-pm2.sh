#!/usr/bin/env bash
# The release $RELEASE: the server, and how it drains.
. "$(dirname "$0")/common.sh"
"$(dirname "$0")/build.sh" pm2
cp "$SHARED/../pm2-cluster/app/drain.cjs" "$ROOT/releases/$RELEASE/"
