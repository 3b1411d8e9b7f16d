# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/nginx.sh"
: "${BREAK:=none}"
one_of "$BREAK" none all-at-once no-readiness still-in-upstream exit-0 max-fails

port_of() {
  case $1 in
    a) echo $((PORT + 1)) ;;
    b) echo $((PORT + 2)) ;;
    c) echo $((PORT + 3)) ;;
    *) fail "no instance called $1" ;;
  esac
}

# start_shop INSTANCE RELEASE
start_shop() {
  local settings=()
  case $BREAK in
    # It listens at once, and answers 503 until its data is loaded.
    no-readiness) settings=(LOAD_MS=1500) ;;
    # It drains, but writes its state to disk first. What arrives meanwhile on a kept connection is never read.
    still-in-upstream) settings=(FLUSH_MS=100) ;;
    # Its handler for SIGTERM is `process.exit(0)`.
    exit-0) settings=(STOP=exit PAY_MS=900) ;;
  esac
  start "$1" env LISTEN="$(port_of "$1")" ORDERS="$ROOT/shared/orders.jsonl" "${settings[@]}" \
    node "$ROOT/releases/$2/server.mjs"
}

# is_ready INSTANCE RELEASE: waits until it says so of itself.
is_ready() { wait_for_http "http://127.0.0.1:$(port_of "$1")/healthz" 15 "\"version\":\"$2\""; }

# A line of the upstream file for each instance in service.
line() { echo "server 127.0.0.1:$(port_of "$1") max_fails=1 fail_timeout=$FAIL_TIMEOUT; # $1"; }
case $BREAK in max-fails) FAIL_TIMEOUT=10s ;; *) FAIL_TIMEOUT=1s ;; esac

take_out() {
  grep -v "# $1$" "$ROOT/nginx/upstream.conf" | write "$ROOT/nginx/upstream.conf"
  reload_nginx
}
put_in() {
  { grep -v "# $1$" "$ROOT/nginx/upstream.conf" || true; line "$1"; } | write "$ROOT/nginx/upstream.conf"
  reload_nginx
}
