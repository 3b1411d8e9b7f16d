#!/usr/bin/env bash
# Usage: switch.sh RELEASE: server by server.
. "$(dirname "$0")/common.sh"
roll a "$1"
roll b "$1"
