# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none bad-canary promoted-by-clock slow-canary crashing-canary weight-1
