# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none field-removed type-changed renamed-endpoint required-field
