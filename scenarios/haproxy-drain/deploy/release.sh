#!/usr/bin/env bash
# Usage: release.sh SERVER RELEASE: takes one server out of service, and brings it back with another release.
. "$(dirname "$0")/common.sh"
server=$1 release=$2
case $BREAK in
  # The proxy is told nothing: what the server was answering is cut.
  kill) stop "shop-$server" KILL ;;
  *)
    runtime drain "shop/$server" --within 20s
    runtime maint "shop/$server"
    stop "shop-$server"
    ;;
esac
start_server "shop-$server" "$(number_of "$server")" "$release"
case $BREAK:$release in
  # The server runs and gets no request; draining the next one leaves nobody.
  forgotten-ready:v2) ;;
  *) runtime ready "shop/$server" ;;
esac
