#!/usr/bin/env bash
# Usage: start-green.sh RELEASE: it runs beside the old one; only the preview leads there.
. "$(dirname "$0")/common.sh"
# Readiness grew: it asks the payment provider too, and takes longer than HAProxy waits (timeout check).
[ "$BREAK" != too-slow ] || export PROVIDER_MS=700
supervise green-1 3 "$1"
supervise green-2 4 "$1"
