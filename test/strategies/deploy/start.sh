#!/usr/bin/env bash
# $RELEASE in the place $SERVER; the strategy's gate waits until it answers.
. "$(dirname "$0")/common.sh"
start "$SERVER" env LISTEN="$PORT" STOP="${STOP_MODE:-drain}" node "$ROOT/releases/$RELEASE/server.mjs"
