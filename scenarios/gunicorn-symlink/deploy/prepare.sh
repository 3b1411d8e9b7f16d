#!/usr/bin/env bash
# Before the release: a database with rows in it, v1 serving, nginx in front.
. "$(dirname "$0")/common.sh"
need nginx nginx
need psql postgresql
"$PYTHON" -c 'import gunicorn, flask, psycopg2, alembic' ||
  fail "gunicorn, Flask or alembic is missing. On Debian or Ubuntu: scripts/install-systems --only gunicorn,alembic"
[ "$BREAK" != kill-by-port ] || need lsof tools

prepare_root
# Said in the log of the server itself: statements that took long, and who waited for a lock.
start_postgres -c log_min_duration_statement=500 -c log_lock_waits=on -c deadlock_timeout=500ms

case $BREAK in
  missing-variable) : >"$SETTINGS" ;; # nobody told production of the setting that v2 needs
  *) printf 'SECRET_KEY=%s\n' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')" >"$SETTINGS" ;;
esac
chmod 600 "$SETTINGS"

release v1
"$PYTHON" -m compileall -q "$ROOT/releases/v1"
point_to v1
(cd "$ROOT/current" && "$PYTHON" -m alembic upgrade head)
rows=50000
[ "$BREAK" != one-statement-backfill ] || rows=300000 # in batches of 2,000 nobody would notice the difference
psql -qv ON_ERROR_STOP=1 -v rows="$rows" <<'SQL'
INSERT INTO items (sku, name, price_cents, discount_percent)
SELECT 'A' || n, 'Item ' || n, 100 + n % 900, n % 5 * 5 FROM generate_series(1, :rows) AS n;
ANALYZE items;
SQL

start_app
wait_for_http "http://127.0.0.1:$APP_PORT/healthz" 20 '"version":"v1"'

[ "$BREAK" = gthread ] || start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"version":"v1"'
note "v1 serves"
