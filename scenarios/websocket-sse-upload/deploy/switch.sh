#!/usr/bin/env bash
# Usage: switch.sh RELEASE: new connections go to the instance that runs it. Those that are open stay where they are.
. "$(dirname "$0")/common.sh"
old=$(live)
if answers "$old" "$1"; then
  say "$old runs $1 and gets what is new already"
  exit 0
fi
send_to "$(idle)"
trap resume_keepalive EXIT
end_keepalive
reload_nginx
case $BREAK in
  # The mistake of BREAK=cut-at-switch: nobody new is sent to the old instance, so it is thought to be idle.
  cut-at-switch) stop "$old" KILL ;;
esac
say "$(live) gets what is new"
