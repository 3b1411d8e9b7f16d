#!/usr/bin/env bash
# Usage: build.sh [APP]: the release $RELEASE. BROKEN makes it one that does not work.
. "$(dirname "$0")/common.sh"
[ ! -e "$ROOT/releases/$RELEASE" ] || exit 0
release "$RELEASE" "$(app_of "${1:-proxied}")"
[ -z "${BROKEN:-}" ] || printf '{ "version": "%s", "broken": "%s" }\n' "$RELEASE" "$BROKEN" >"$ROOT/releases/$RELEASE/release.json"
