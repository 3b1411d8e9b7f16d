#!/usr/bin/env bash
# Usage: weight.sh SHARE: the canary's share of the requests in percent; the stable release gets the rest.
. "$(dirname "$0")/common.sh"
share=$1
case $BREAK in
  weight-1) runtime weight "shop/canary=$share%" "shop/stable=$((100 - share))%" ;;
  *) runtime weight "shop/canary=$share" "shop/stable=$((100 - share))" ;;
esac
