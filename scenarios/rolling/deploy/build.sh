#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
# From here to resume.sh nginx is reloaded six times: no connection of a client is to be idle then.
end_keepalive
