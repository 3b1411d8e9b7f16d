#!/usr/bin/env bash
# Usage: share.sh PERCENT: gives the canary that share of the requests.
. "$(dirname "$0")/common.sh"
[ -e "$NO_KEEPALIVE" ] || end_keepalive
split "$1"
reload_nginx
say "the canary gets $1 %"
