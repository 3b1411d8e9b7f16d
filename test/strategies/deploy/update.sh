#!/usr/bin/env bash
# Brings the server $SERVER to $RELEASE.
. "$(dirname "$0")/common.sh"
stop "$SERVER"
start "$SERVER" env LISTEN="$PORT" node "$ROOT/releases/$RELEASE/server.mjs"
