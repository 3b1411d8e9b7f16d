#!/usr/bin/env bash
# Usage: switch.sh RELEASE: nginx sends to the idle instance, where the release runs.
. "$(dirname "$0")/common.sh"
from=$(live)
to=$(idle)

# One instance alone: from the stop of the old one until the new one has booted there is nobody behind nginx.
if [ "$BREAK" = single-upstream ]; then
  stop "$from"
  start_shop "$from" "$1"
  exit 0
fi

case $BREAK:$1 in
  # A semicolon is missing.
  broken-config*:v2) upstream "$to" "$from" | tr -d ';' ;;
  *) upstream "$to" "$from" ;;
esac | write "$ROOT/nginx/upstream.conf"

case $BREAK:$1 in
  # The address in the configuration has changed, and nginx has not read it again.
  literal-address:*) ;;
  # Whoever is connected is cut off, and nobody listens until nginx has started again.
  restart:*)
    stop nginx
    start_nginx
    ;;
  # No `nginx -t`: by signal, as init scripts do it, nginx alone knows that it kept the old configuration.
  broken-config:v2) signal nginx HUP ;;
  # It cannot start with this.
  broken-config-restart:v2)
    stop nginx
    start_nginx
    ;;
  # Idle connections are closed under the clients.
  plain-reload:*) reload_nginx ;;
  *)
    # After a failed release nginx may be down.
    if ! is_running nginx; then
      start_nginx
      exit 0
    fi
    trap resume_keepalive EXIT
    end_keepalive
    if [ "$BREAK" = slow-lock ]; then lock_orders 2; fi
    reload_nginx
    ;;
esac
say "$to is live"
