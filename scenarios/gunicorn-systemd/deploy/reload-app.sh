#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
case $BREAK in
  restart) in_machine systemctl restart gunicorn ;; # stop, then start: between the two nobody listens
  *) in_machine systemctl reload gunicorn ;;
esac
note "gunicorn serves $(readlink "$ROOT/current")"
