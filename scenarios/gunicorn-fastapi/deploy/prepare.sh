#!/usr/bin/env bash
# Before the release: v1 serves, nginx in front.
. "$(dirname "$0")/common.sh"
need nginx nginx
"$PYTHON" -c 'import gunicorn, uvicorn, fastapi' ||
  fail "FastAPI, uvicorn or gunicorn is missing. On Debian or Ubuntu: scripts/install-systems --only fastapi"

prepare_root
"$PYTHON" - <<'EOS'
import os, sqlite3
database = sqlite3.connect(os.environ["DATABASE"])
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE orders (id text PRIMARY KEY, sku text NOT NULL, placed_by text NOT NULL)")
EOS
release v1
"$PYTHON" -m compileall -q "$ROOT/releases/v1"
point_to v1
start_app
wait_for_http "http://127.0.0.1:$APP_PORT/healthz" 20 '"version":"v1"'
start_nginx
wait_for_http "http://127.0.0.1:$PORT/healthz" 10 '"version":"v1"'
note "v1 serves"
