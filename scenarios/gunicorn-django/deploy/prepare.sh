#!/usr/bin/env bash
# Before the release: a database with rows in it, v1 serving, nginx in front.
. "$(dirname "$0")/common.sh"
need nginx nginx
"$PYTHON" -c 'import gunicorn, django, psycopg2' ||
  fail "Django, gunicorn or psycopg2 is missing. On Debian or Ubuntu: scripts/install-systems --only django"

prepare_root
start_postgres
od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$SECRET_KEY_FILE"
chmod 600 "$SECRET_KEY_FILE"
release v1
"$PYTHON" -m compileall -q "$ROOT/releases/v1"
point_to v1
migrate v1
psql -qv ON_ERROR_STOP=1 -c "INSERT INTO shop_item (sku, name, price_cents) SELECT 'A' || n, 'Item ' || n, 100 + n % 900 FROM generate_series(1, 5000) AS n"
start_app
wait_for_http "http://127.0.0.1:$APP_PORT/healthz" 20 '"version": "v1"'
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"version": "v1"'
note "v1 serves"
