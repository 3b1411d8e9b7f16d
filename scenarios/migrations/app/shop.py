"""A small shop on PostgreSQL. Workers import it anew at every HUP, from wherever `current` leads by then."""

import json
import os
import time
import uuid
from pathlib import Path

import psycopg2
from flask import Flask, jsonify, request

import catalog

VERSION = json.loads((Path(__file__).parent / "release.json").read_text())["version"]

app = Flask(__name__)
# A sync worker has one request at a time and so one connection: the workers together are the pool, and it is bounded.
# psycopg2 finds its server in the environment (PGHOST ...).
pool = []


def connection():
    if not pool or pool[0].closed:
        pool[:] = [psycopg2.connect(application_name=f"shop {VERSION}")]
        catalog.prepare(pool[0])
    return pool[0]


@app.get("/")
def home():
    return f"<!doctype html><title>Shop</title><h1>Shop {VERSION}</h1>"


@app.get("/api/items")
def items():
    return jsonify(items=catalog.items(connection()), version=VERSION)


@app.post("/api/orders")
def place_order():
    body = request.get_json(silent=True) or {}
    key = request.headers.get("Idempotency-Key") or str(uuid.uuid4())
    time.sleep(0.1)  # a payment provider's answer
    with connection() as transaction, transaction.cursor() as cursor:
        # A request that comes again with its key gets the order that was placed the first time.
        cursor.execute(
            "INSERT INTO orders (id, sku, phone, placed_by) VALUES (%s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
            (key, body.get("sku"), "+49 (30) 901-820", VERSION),
        )
        if cursor.rowcount == 1:
            cursor.execute("UPDATE items SET sold = sold + 1 WHERE sku = %s", (body.get("sku"),))
    return jsonify(id=key), 201


@app.get("/api/orders/<key>")
def read_order(key):
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute("SELECT id, sku, placed_by FROM orders WHERE id = %s", (key,))
        row = cursor.fetchone()
    if row is None:
        return jsonify(error="no such order"), 404
    return jsonify(dict(zip(("id", "sku", "placed_by"), row)))


@app.get("/slow")
def slow():
    time.sleep(min(int(request.args.get("ms", 1000)), 30_000) / 1000)
    return jsonify(slept=True, version=VERSION)


@app.get("/healthz")
def health():
    """Ready is who reaches the database, not who listens."""
    with connection() as transaction, transaction.cursor() as cursor:
        cursor.execute("SELECT 1")
    return jsonify(status="ok", version=VERSION)


@app.after_request
def name_release(response):
    response.headers["X-Release"] = VERSION
    return response


connection()
print(json.dumps({"event": "boot", "version": VERSION, "from": os.getcwd()}), flush=True)
