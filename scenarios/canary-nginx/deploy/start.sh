#!/usr/bin/env bash
# Usage: start.sh RELEASE: the canary, without traffic. nginx is reloaded for every share: until resume.sh no connection
# of a client is to be idle.
. "$(dirname "$0")/common.sh"
start_shop canary "$CANARY_PORT" "$1"
end_keepalive
