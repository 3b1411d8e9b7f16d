# Sourced after lib.sh by the scenarios behind HAProxy: the proxy as a daemon, its runtime API, the servers behind it.
# Their haproxy.cfg takes its addresses from the environment: PORT, and PORT_1 to PORT_4 for the servers.
: "${PORT:?the port the proxy listens on}"
export ROOT PORT PORT_1=$((PORT + 1)) PORT_2=$((PORT + 2)) PORT_3=$((PORT + 3)) PORT_4=$((PORT + 4))

# The access log is what HAProxy writes to its standard output; what it says itself is in haproxy.log.
start_haproxy() {
  need haproxy haproxy
  haproxy -c -q -f "$ROOT/haproxy.cfg" || fail "HAProxy refuses $ROOT/haproxy.cfg"
  start haproxy bash -c 'exec haproxy -W -f "$ROOT/haproxy.cfg" "$@" >>"$ROOT/log/haproxy-access.log"' haproxy "$@"
}

runtime() { node "$SHARED/haproxy.mjs" --socket "$ROOT/run/haproxy.sock" "$@"; }

# start_server NAME NUMBER RELEASE: the shop on PORT + NUMBER, and until it says of itself that it is healthy.
start_server() {
  LISTEN=$((PORT + $2)) ORDERS=$ROOT/shared/orders.jsonl start "$1" node "$ROOT/releases/$3/server.mjs"
  wait_for_http "http://127.0.0.1:$((PORT + $2))/healthz" 10 "\"$3\""
}

# number_of SERVER: a -> 1, b -> 2
number_of() {
  case $1 in a) echo 1 ;; b) echo 2 ;; *) fail "no server called $1" ;; esac
}

# roll SERVER RELEASE: takes one server out of service, and brings it back with another release.
roll() {
  runtime drain "shop/$1" --within 20s
  runtime maint "shop/$1"
  stop "shop-$1"
  start_server "shop-$1" "$(number_of "$1")" "$2"
  runtime ready "shop/$1"
}
