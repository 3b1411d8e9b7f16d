#!/usr/bin/env bash
. "$(dirname "$0")/common.sh"
/usr/bin/python3 -c 'import gunicorn, flask, psycopg2' 2>/dev/null ||
  fail "gunicorn is not installed. On Debian or Ubuntu: scripts/install-systems --only gunicorn"
prepare_root
[ "$BREAK" != memory ] || limit_memory
start_postgres
psql -q -v ON_ERROR_STOP=1 -c 'CREATE ROLE shop LOGIN' -f "$SCENARIO/app/schema.sql"
psql -q -c 'GRANT ALL ON ALL TABLES IN SCHEMA public TO shop' -c 'GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO shop'
release v1
start_app v1 blue
wait_for_http "http://127.0.0.1:$BLUE_PORT/healthz" 15 v1
start_proxy
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 v1
