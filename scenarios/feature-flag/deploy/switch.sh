#!/usr/bin/env bash
# Usage: switch.sh RELEASE: server by server.
. "$(dirname "$0")/common.sh"
case $BREAK:$1 in
  # New code and new behaviour at once: nothing can be taken back without a release.
  enabled-with-deploy:v2) flag discounts on ;;
esac
roll a "$1"
roll b "$1"
