#!/usr/bin/env bash
# Usage: roll.sh RELEASE: one instance after the other, forward or back.
. "$(dirname "$0")/common.sh"
replace a "$1"
replace b "$1"
