# Sourced by every step: how the one process of this service is started and replaced.
# shellcheck shell=bash
. "$(dirname "$0")/../../shared/lib.sh"
one_of "${BREAK:=none}" none restart truncated

start_app() {
  # How long a process that was replaced may go on: longer than it announces the end and than the longest answer takes.
  local limit=15000
  # The mistake of BREAK=truncated: shorter than that. Exports under way are cut in the middle.
  case $BREAK in truncated) limit=300 ;; esac
  DRAIN_LIMIT_MS=$limit start app node "$ROOT/current/server.mjs"
  wait_for_http "http://127.0.0.1:$PORT/healthz" 10
}

replace_app() {
  case $BREAK in
    # The mistake of BREAK=restart: from the kill until the new process has booted nobody listens.
    restart)
      stop app TERM
      start_app
      ;;
    *)
      local old
      old=$(pid_of app)
      cp "$ROOT/run/app.pid" "$ROOT/run/replaced.pid"
      kill -s USR2 "$old"
      # It ends when the successor listens and the last answer is out; where the successor dies it serves on.
      gone_within 20 "$old" || fail "process $old was not replaced: $(tail -n 1 "$ROOT/log/app.log")"
      rm "$ROOT/run/replaced.pid"
      say "process $old handed its socket to $(pid_of app)"
      ;;
  esac
}
