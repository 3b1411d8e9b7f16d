#!/usr/bin/env bash
# Before the release: a database with rows in it, v1 serving, nginx in front.
. "$(dirname "$0")/common.sh"
need nginx nginx
need psql postgresql
"$PYTHON" -c 'import gunicorn, flask, psycopg2, alembic' ||
  fail "gunicorn, Flask or alembic is missing. On Debian or Ubuntu: scripts/install-systems --only gunicorn,alembic"

prepare_root
# The server's own log tells, to the millisecond, who waited for which lock and for how long: everybody who waited for
# longer than 20 ms. Nothing works beside it that nobody asked for, and an index is built by one process, not by several.
start_postgres -c log_lock_waits=on -c deadlock_timeout=20ms -c log_min_duration_statement=500 \
  -c "log_line_prefix=%m [%p] %q%u " -c log_timezone=UTC -c autovacuum=off -c max_parallel_maintenance_workers=0

# `deploy` owns the schema and changes it, `shop` works in it, `report` reads, and `watch` sees who waits for whom.
PGDATABASE=postgres run_sql <<'SQL'
CREATE ROLE deploy LOGIN;
CREATE ROLE shop LOGIN;
CREATE ROLE report LOGIN IN ROLE pg_read_all_data;
CREATE ROLE watch LOGIN IN ROLE pg_monitor;
CREATE DATABASE shop OWNER deploy;
SQL
run_sql -c 'ALTER DEFAULT PRIVILEGES FOR ROLE deploy GRANT SELECT, INSERT, UPDATE ON TABLES TO shop'

case $TOOL in
  alembic) as deploy "$PYTHON" -m alembic -c "$SCENARIO/db/alembic.ini" upgrade head ;;
  sql) as deploy run_sql -f "$SCENARIO/db/schema.sql" ;;
esac
items=50000 orders=20000
case $BREAK in
  one-update) items=300000 ;; # in one statement, and still nobody would notice it with some thousand
  create-index | concurrent-index) orders=600000 ;;
esac
run_sql -v items=$items -v orders=$orders <<'SQL'
INSERT INTO items (sku, name, price_cents, discount_percent)
SELECT 'A' || n, 'Item ' || n, 100 + n % 900, n % 5 * 5 FROM generate_series(1, :items) AS n;
SET session_replication_role = replica; -- foreign keys are not looked up: they hold
INSERT INTO orders (id, sku, phone, placed_by)
SELECT n, 'A' || 1 + n % 1000, '+49 (' || 30 + n % 900 || ') ' || 100000 + n, 'v0' FROM generate_series(1, :orders) AS n;
VACUUM (ANALYZE) items, orders;
SQL

build v1
point_to v1
start_app
wait_for_http "http://127.0.0.1:$APP_PORT/healthz" 20 '"version":"v1"'
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"version":"v1"'
note "v1 serves"
