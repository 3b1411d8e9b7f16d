#!/usr/bin/env bash
# Usage: haproxy.sh OPTION...: HAProxy on PORT before blue (PORT+1) and green (PORT+2); the options are green's.
# Both serve v1, but green only where it is in rotation.
. "$(dirname "$0")/common.sh"
need haproxy haproxy
prepare_root
RELEASE=v1
release v1 "$SHARED/app"
write "$ROOT/haproxy.cfg" <<CFG
global
  stats socket $ROOT/run/admin.sock mode 600 level admin
  log stdout format raw local0
defaults
  mode http
  log global
  log-format "%ST %b/%s %tsc %HM %HU %Ta"
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  option httpchk GET /healthz
frontend web
  bind 127.0.0.1:$PORT
  default_backend app
backend app
  default-server check inter ${CHECK_EVERY:-200ms} weight 100
  server blue 127.0.0.1:$((PORT + 1))
  server green 127.0.0.1:$((PORT + 2)) $*
CFG
start blue env LISTEN=$((PORT + 1)) node "$ROOT/releases/v1/server.mjs"
case $* in *disabled*) ;; *) start green env LISTEN=$((PORT + 2)) node "$ROOT/releases/v1/server.mjs" ;; esac
for port in $((PORT + 1)) $(case $* in *disabled*) ;; *) echo $((PORT + 2)) ;; esac); do
  wait_for_http "http://127.0.0.1:$port/healthz" 10 '"v1"'
done
start haproxy haproxy -W -f "$ROOT/haproxy.cfg"
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"v1"'
