# Sourced after lib.sh by scenarios behind nginx: a daemon of its own out of $ROOT/nginx, with the scenario's nginx.conf.
: "${PORT:?the port nginx listens on}"

# How long nginx keeps an idle connection of a client, seconds: short, for the sake of a short run.
KEEPALIVE=3
# How long the longest request of the scenario takes, seconds.
: "${LONGEST:=2}"
NO_KEEPALIVE=$ROOT/run/no-keepalive

nginx_do() { nginx -p "$ROOT/nginx/" -e "$ROOT/log/nginx-error.log" -c nginx.conf "$@"; }

# configure_nginx [SED]: fills in the places of the scenario's nginx.conf, those of SED too.
configure_nginx() {
  need nginx nginx
  mkdir -p "$ROOT/nginx"
  sed "s|__PORT__|$PORT|; s|__KEEPALIVE__|$KEEPALIVE|g; s|__NO_KEEPALIVE__|$NO_KEEPALIVE|; ${1:-}" "$SCENARIO/nginx.conf" |
    write "$ROOT/nginx/nginx.conf"
}

start_nginx() {
  nginx_do -t -q || fail "nginx refuses its configuration"
  start nginx nginx -p "$ROOT/nginx/" -e "$ROOT/log/nginx-error.log" -c nginx.conf
}

# Done when the old workers take no new request any more: `-s reload` itself returns before anything has happened.
reload_nginx() {
  local old pid end=$((SECONDS + 10))
  nginx_do -t -q || fail "nginx refuses its configuration: nothing is changed"
  old=$(pgrep -P "$(pid_of nginx)")
  nginx_do -s reload
  for pid in $old; do
    until retired "$pid"; do
      [ $SECONDS -lt $end ] || fail "nginx has not reloaded within 10 s: see $ROOT/log/nginx-error.log"
      sleep 0.02
    done
  done
  sleep 0.2 # what they had accepted is read
  say "nginx reloaded"
}

# retired WORKER: gone, or finishing what it has.
retired() { ! alive "$1" || tr '\0' ' ' <"/proc/$1/cmdline" | grep -q 'shutting down'; }

# At a reload nginx before 1.27.4 closes idle connections without notice; a request that is just being sent on one is
# lost. So they are ended before, with notice: from now on every request is answered with `Connection: close`, one that had
# begun before ends, and a connection that waits in silence then reaches its keepalive_timeout, of which
# `Keep-Alive: timeout=` told the client.
end_keepalive() {
  : >"$NO_KEEPALIVE"
  curl -sS -o "$ROOT/run/answer" -D - "http://127.0.0.1:$PORT/" | grep -qi '^connection: close' ||
    fail "nginx does not announce that it closes connections"
  sleep $((LONGEST + KEEPALIVE + 1))
  say "no connection is idle"
}

resume_keepalive() { rm -f "$NO_KEEPALIVE"; }
