#!/usr/bin/env bash
# Usage: rollback.sh RELEASE: instance by instance, as on the way there.
. "$(dirname "$0")/common.sh"
trap resume_keepalive EXIT
end_keepalive
for each in a b c; do "$SCENARIO/deploy/roll.sh" "$each" "$1"; done
