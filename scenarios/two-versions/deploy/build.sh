#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
release "$RELEASE"
