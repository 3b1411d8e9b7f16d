#!/usr/bin/env bash
# Before the release: v1 twice (blue) on a database, behind HAProxy.
. "$(dirname "$0")/common.sh"
need curl tools
need psql postgresql
prepare_root
# The app is the shared one with routes of its own.
mkdir "$ROOT/app"
cp -R "$SHARED/app/." "$SCENARIO/app/." "$ROOT/app"
release v1 "$ROOT/app"
start_postgres
psql -qX -v ON_ERROR_STOP=1 -f "$SCENARIO/db/schema.sql"
supervise blue-1 1 v1
supervise blue-2 2 v1
case $BREAK in
  # One bad answer and a server is out. The database is the same for all of them: they go out together.
  impatient) sed 's/fall 4/fall 1/' "$SCENARIO/haproxy.cfg" ;;
  *) cat "$SCENARIO/haproxy.cfg" ;;
esac | write "$ROOT/haproxy.cfg"
for number in 1 2; do wait_for_http "http://127.0.0.1:$((PORT + number))/readyz" 10 '"v1"'; done
start_haproxy
wait_for_http "http://127.0.0.1:$PORT/api/items" 10 '"v1"'
