"""A small shop on PostgreSQL. Workers import it anew at every HUP, from wherever `current` leads by then."""

import json
import os
import threading
import time
import uuid
from pathlib import Path

import psycopg2
from flask import Flask, jsonify, render_template, request

import catalog

VERSION = json.loads((Path(__file__).parent / "release.json").read_text())["version"]

app = Flask(__name__)
app.config["TEMPLATES_AUTO_RELOAD"] = "TEMPLATES_AUTO_RELOAD" in os.environ
# One connection for each thread; a sync worker has one thread. psycopg2 finds its server in the environment (PGHOST ...).
local = threading.local()


def connection():
    if getattr(local, "connection", None) is None or local.connection.closed:
        local.connection = psycopg2.connect(application_name=f"shop {VERSION}")
    return local.connection


def query(sql, values=()):
    """Runs one statement in a transaction of its own and gives its rows."""
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


@app.get("/")
def home():
    return render_template("home.html", version=VERSION, **catalog.home())


@app.get("/api/items")
def items():
    rows = query(f"SELECT {catalog.COLUMNS} FROM items ORDER BY id LIMIT 20")
    return jsonify(items=[catalog.describe(*row) for row in rows], version=VERSION)


@app.post("/api/orders")
def place_order():
    body = request.get_json(silent=True) or {}
    key = request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    time.sleep(0.1)  # a payment provider's answer
    with connection() as transaction, transaction.cursor() as cursor:
        # A request that comes again with its key gets the order that was placed the first time.
        cursor.execute(
            "INSERT INTO orders (id, sku, placed_by) VALUES (%s, %s, %s) ON CONFLICT (id) DO NOTHING",
            (key, body.get("sku"), VERSION),
        )
        if cursor.rowcount == 1:
            cursor.execute("UPDATE items SET sold = sold + 1 WHERE sku = %s", (body.get("sku"),))
    return jsonify(catalog.confirm({"id": key})), 201


@app.get("/api/orders/<key>")
def read_order(key):
    rows = query("SELECT id, sku, placed_by FROM orders WHERE id = %s", (key,))
    if not rows:
        return jsonify(error="no such order"), 404
    return jsonify(dict(zip(("id", "sku", "placed_by"), rows[0])))


@app.get("/slow")
def slow():
    time.sleep(min(int(request.args.get("ms", 1000)), 30_000) / 1000)
    return jsonify(slept=True, version=VERSION)


@app.get("/healthz")
def health():
    """Ready is who reaches the database, not who listens."""
    query("SELECT 1")
    return jsonify(status="ok", version=VERSION)


@app.after_request
def name_release(response):
    response.headers["X-Release"] = VERSION
    return response


# What imports and caches of a bigger shop would take.
time.sleep(float(os.environ.get("BOOT_SECONDS", 0)))
connection()
print(json.dumps({"event": "boot", "version": VERSION, "from": os.getcwd()}), flush=True)
