# Sourced by every step: two places for the service, blue on PORT+1 and green on PORT+2, one of them behind nginx.
# shellcheck shell=bash
. "$(dirname "$0")/../../shared/lib.sh"
LONGEST=4
. "$SHARED/nginx.sh"
one_of "${BREAK:=none}" none worker-timeout cut-at-switch no-replay

port_of() {
  case $1 in
    blue) echo $((PORT + 1)) ;;
    green) echo $((PORT + 2)) ;;
    *) fail "no instance called $1" ;;
  esac
}

live() {
  if grep -q ":$(port_of blue)\b" "$ROOT/nginx/upstream.conf"; then echo blue; else echo green; fi
}
idle() {
  if [ "$(live)" = blue ]; then echo green; else echo blue; fi
}

# start_service INSTANCE RELEASE: until it says of itself that it is healthy.
start_service() {
  local replay=on
  # The mistake of BREAK=no-replay is made in app/server.mjs.
  case $BREAK in no-replay) replay=off ;; esac
  LISTEN=$(port_of "$1") EVENTS=$ROOT/shared/events.jsonl REPLAY=$replay start "$1" node "$ROOT/releases/$2/server.mjs"
  wait_for_http "http://127.0.0.1:$(port_of "$1")/healthz" 10 "\"version\":\"$2\""
}

# answers INSTANCE RELEASE
answers() {
  curl -fsS --max-time 2 "http://127.0.0.1:$(port_of "$1")/healthz" 2>/dev/null | grep -q "\"version\":\"$2\""
}

send_to() { printf 'server 127.0.0.1:%s;\n' "$(port_of "$1")" | write "$ROOT/nginx/upstream.conf"; }
