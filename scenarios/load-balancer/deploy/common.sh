# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none delay-0 stop-first health-threshold

# Longer than the longest request, which takes 2 s.
DEREGISTRATION_DELAY=2.5
# Clouds ask for five checks, some seconds apart each.
case $BREAK in health-threshold) export HEALTHY_AFTER=15 ;; *) export HEALTHY_AFTER=5 ;; esac

# start_target TARGET RELEASE: until it says of itself that it is healthy. It boots for a second.
start_target() {
  local number=1
  [ "$1" = one ] || number=2
  BOOT_MS=1000 start_server "$1" "$number" "$2"
}

balancer() { node "$SCENARIO/deploy/balancer.mjs" "$@"; }
