# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none kill forgotten-ready hard-reload reload-default kill-start bad-release
