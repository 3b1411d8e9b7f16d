# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none shallow bad-release-refused too-slow deep-liveness impatient

export READY=deep LIVE=shallow PROVIDER_MS=0
case $BREAK in
  # "The process answers" is all that this readiness says.
  shallow) READY=shallow ;;
  # A liveness that asks the database restarts healthy processes when the database is what is ill.
  deep-liveness) LIVE=deep ;;
esac

# supervise NAME NUMBER RELEASE: the shop on PORT + NUMBER, kept alive.
supervise() {
  LISTEN=$((PORT + $2)) start "$1" node "$SCENARIO/deploy/supervisor.mjs" "$ROOT/releases/$3/server.mjs"
}
