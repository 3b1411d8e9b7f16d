#!/usr/bin/env bash
# Usage: build.sh RELEASE: its image.
. "$(dirname "$0")/common.sh"
build "$1"
