. "$(dirname "$0")/../../shared/lib.sh"
need nginx nginx
one_of "$BREAK" none new-path unlink-first unlink-on-exit

PUBLIC=$ROOT/run/app.sock # what nginx knows; it stays the same through every release

# socket_of VERSION: the path the release binds.
socket_of() {
  case $BREAK/$1 in
    # The mistake of unlink-first and unlink-on-exit: each release binds the public path itself.
    unlink-*) echo "$PUBLIC" ;;
    # The mistake of new-path: v1 binds the path that nginx knows, v2 another one, and nothing is handed over.
    new-path/v1) echo "$PUBLIC" ;;
    *) echo "$ROOT/run/app-$1.sock" ;;
  esac
}

# start_app VERSION
start_app() {
  LISTEN=$(socket_of "$1") start "app-$1" node "$ROOT/releases/$1/server.mjs"
}

# answering SOCKET VERSION: waits until the release answers there.
answering() {
  local end=$((SECONDS + 10))
  until curl -fsS --max-time 2 --unix-socket "$1" http://app/healthz 2>/dev/null | grep -q "\"$2\""; do
    [ $SECONDS -lt $end ] || fail "$2 does not answer on $1"
    sleep 0.05
  done
}

# hand_over VERSION: the public path leads to this release from one instant to the next. A connection that is in the
# queue of the old socket is still answered by the old process.
hand_over() {
  [ "$BREAK" = none ] || return 0
  ln "$(socket_of "$1")" "$ROOT/run/.next.sock"
  mv -T "$ROOT/run/.next.sock" "$PUBLIC"
}
