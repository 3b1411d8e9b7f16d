# shellcheck shell=bash
. "$(dirname "$0")/../../shared/lib.sh"
: "${PORT:?}" "${BREAK:?}"
one_of "$BREAK" none noise sick-before few-requests few-ports no-names
