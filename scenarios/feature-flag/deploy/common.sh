# Sourced by every step.
. "$(dirname "$0")/../../shared/lib.sh"
. "$SHARED/haproxy.sh"
: "${BREAK:=none}"
one_of "$BREAK" none enabled-with-deploy broken-feature no-kill-switch one-way
export FLAGS=$ROOT/shared/flags.json

# flag NAME on|off: for all processes at once; a reader sees the old file or the new one.
flag() {
  case $2 in
    on) printf '{ "%s": true }\n' "$1" ;;
    off) printf '{ "%s": false }\n' "$1" ;;
    *) fail "flag $1 $2: expected on or off" ;;
  esac | write "$FLAGS"
  say "$1 is $2" | tee -a "$ROOT/log/flags.log"
}
