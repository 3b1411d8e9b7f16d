#!/usr/bin/env bash
# Usage: switch.sh RELEASE: nginx sends to the idle service, where the release runs.
. "$(dirname "$0")/common.sh"

# In place: Compose stops the container, removes it, and starts one of the new image.
if [ "$BREAK" = force-recreate ]; then
  up "$(live)" "$1" --force-recreate
  is_healthy "$(live)"
  exit 0
fi

to=$(idle)
trap resume_keepalive EXIT
end_keepalive
upstream "$to"
reload_nginx
say "$to is live"
