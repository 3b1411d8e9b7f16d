#!/usr/bin/env bash
# Usage: start.sh RELEASE: as the service that gets no traffic; done when it is healthy.
. "$(dirname "$0")/common.sh"
# There is no second service: the one behind nginx is replaced, in switch.sh.
if [ "$BREAK" = force-recreate ]; then exit 0; fi
service=$(idle)
up "$service" "$1"
is_healthy "$service"
