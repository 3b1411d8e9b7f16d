#!/usr/bin/env bash
# Usage: build.sh RELEASE
. "$(dirname "$0")/common.sh"
release "$1" "$SHARED/app"
