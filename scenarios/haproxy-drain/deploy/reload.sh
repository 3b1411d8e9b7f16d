#!/usr/bin/env bash
# The proxy's own configuration changes: it allows more connections.
. "$(dirname "$0")/common.sh"
connections() { ss -Htn state established "sport = :$PORT" | awk '{ print $4 }' | sort; }

for _ in $(seq "${RELOADS:-1}"); do
  sed "s/maxconn .*/maxconn $(($(runtime info Maxconn) + 1000))/" "$ROOT/haproxy.cfg" | write "$ROOT/haproxy.cfg.new"
  mv "$ROOT/haproxy.cfg.new" "$ROOT/haproxy.cfg"
  haproxy -c -q -f "$ROOT/haproxy.cfg" || fail "HAProxy refuses $ROOT/haproxy.cfg"
  before=$(connections)
  worker=$(runtime info Pid)
  case $BREAK in
    # -st ends the old process at once, with everything that it was answering. (-sf lets it finish.)
    hard-reload)
      old=$(pid_of haproxy)
      mv "$ROOT/run/haproxy.pid" "$ROOT/run/haproxy-old.pid"
      start_haproxy -x "$ROOT/run/haproxy.sock" -st "$old"
      ;;
    # A restart: between the old process and the new one nobody listens.
    kill-start)
      stop haproxy
      sleep 0.1
      start_haproxy
      ;;
    *) signal haproxy USR2 ;;
  esac
  until new=$(runtime info Pid 2>&1) && [ "$new" != "$worker" ]; do sleep 0.1; done
  say "HAProxy worker $new has taken over from $worker, maxconn $(runtime info Maxconn)"
  sleep 0.3
  # For who looks for the cause: connections of clients that outlived the reload.
  survived=$(comm -12 <(printf '%s\n' "$before") <(connections) | wc -l)
  say "connections: $(grep -c . <<<"$before" || true) before, $survived of them after" | tee -a "$ROOT/log/connections.log"
done
