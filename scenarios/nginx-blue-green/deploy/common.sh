# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/nginx.sh"
: "${BREAK:=none}"
one_of "$BREAK" none plain-reload switch-before-ready stop-before-drain restart broken-config \
  broken-config-restart single-upstream literal-address lsof-kill non-idempotent slow-lock noise no-op

port_of() {
  case $1 in
    blue) echo $((PORT + 1)) ;;
    green) echo $((PORT + 2)) ;;
    *) fail "no instance called $1" ;;
  esac
}

# upstream LIVE SPARE: nginx' upstream file.
upstream() {
  echo "server 127.0.0.1:$(port_of "$1");"
  # nginx may try the other one when the live one is stopped.
  [ "$BREAK" != non-idempotent ] || echo "server 127.0.0.1:$(port_of "$2") backup;"
}
live() {
  if head -n 1 "$ROOT/nginx/upstream.conf" | grep -q ":$(port_of blue)\b"; then echo blue; else echo green; fi
}
idle() {
  if [ "$(live)" = blue ]; then echo green; else echo blue; fi
}

is_running() {
  local pid
  pid=$(cat "$ROOT/run/$1.pid" 2>/dev/null) && alive "$pid"
}

# start_shop INSTANCE RELEASE
start_shop() {
  local settings=()
  case $BREAK in
    # The new release takes long to boot.
    switch-before-ready) [ "$2" = v1 ] || settings=(BOOT_MS=9000) ;;
    # This shop has no handler for SIGTERM: it ends at once, whatever it was answering; and a payment takes longer than a
    # busy machine from the reload to the stop.
    stop-before-drain) settings=(STOP=exit PAY_MS=3500) ;;
    non-idempotent) settings=(STOP=exit PAY_MS=2000) ;;
    lsof-kill) settings=(PAY_MS=3500) ;;
    noise) settings=(JITTER_MS=150) ;;
  esac
  start "$1" env LISTEN="$(port_of "$1")" ORDERS="$ROOT/shared/orders.jsonl" "${settings[@]}" \
    node "$ROOT/releases/$2/server.mjs"
}

# is_ready INSTANCE RELEASE: waits until it says so of itself.
is_ready() { wait_for_http "http://127.0.0.1:$(port_of "$1")/healthz" 15 "\"version\":\"$2\""; }

# lock_orders SECONDS: a job that rewrites the file of the orders; whoever writes one waits.
lock_orders() {
  trap 'rm -f "$ROOT/shared/orders.jsonl.lock"; resume_keepalive' EXIT
  : >"$ROOT/shared/orders.jsonl.lock"
  sleep "$1"
  rm "$ROOT/shared/orders.jsonl.lock"
}
