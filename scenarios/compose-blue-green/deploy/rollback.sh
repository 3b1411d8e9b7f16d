#!/usr/bin/env bash
# Usage: rollback.sh RELEASE: in the idle service, and the traffic there; nothing where it never lost it. stop-old.sh
# comes after it, and stops the other.
. "$(dirname "$0")/common.sh"
if [ "$BREAK" != force-recreate ] && [ "$(release_of "$(live)")" = "$1" ]; then
  is_healthy "$(live)"
  say "$(live) serves $1 all along"
  exit 0
fi
deploy=$(dirname "$0")
"$deploy/start.sh" "$1"
"$deploy/switch.sh" "$1"
