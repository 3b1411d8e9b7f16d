#!/usr/bin/env bash
# What the release changes in nginx' configuration.
. "$(dirname "$0")/common.sh"
write "$ROOT/nginx/headers.conf" <"$SCENARIO/nginx/headers-v2.conf"
case $BREAK in
  restart-nginx) in_machine systemctl restart nginx ;; # the connections of all users end, and for a moment nobody listens
  *) in_machine systemctl reload nginx ;;
esac
note "nginx has the new headers"
