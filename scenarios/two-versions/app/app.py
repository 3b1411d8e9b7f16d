"""A shop with a pool of database connections in each worker, and a cache it keeps in memory."""
import json
import os
import time

import psycopg2.pool
from flask import Flask, jsonify, request

with open(os.path.join(os.path.dirname(__file__), "release.json")) as file:
    VERSION = json.load(file)["version"]
POOL_MIN = int(os.environ.get("POOL_MIN", "1"))
POOL_MAX = 4
CACHE_MIB = int(os.environ.get("CACHE_MIB", "10"))
# A megabyte of it is touched in each page, so that the memory is really used.
cache = [bytearray(os.urandom(4096) * 256) for _ in range(CACHE_MIB)]



def open_pool():
    """The pool; a database that has no connection left at the moment is asked again for 10 s."""
    for _ in range(50):
        try:
            return psycopg2.pool.ThreadedConnectionPool(POOL_MIN, POOL_MAX)
        except psycopg2.OperationalError:
            time.sleep(0.2)
    return psycopg2.pool.ThreadedConnectionPool(POOL_MIN, POOL_MAX)


pool = open_pool()
app = Flask(__name__)


def query(sql, *values):
    """The first row of the answer. The pool keeps POOL_MIN connections and opens more while they are needed."""
    connection = pool.getconn()
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()
    finally:
        pool.putconn(connection)


@app.after_request
def release(response):
    response.headers["x-release"] = VERSION
    return response


@app.get("/")
def home():
    (count,) = query("SELECT count(*) FROM items")
    return jsonify(items=count, version=VERSION)


@app.post("/orders")
def order():
    # The payment is waited for inside the transaction: a connection is held for 100 ms.
    insert = "WITH paid AS (SELECT pg_sleep(0.1)) INSERT INTO orders (sku) SELECT %s FROM paid RETURNING id"
    (number,) = query(insert, request.get_json()["sku"])
    return jsonify(id=number), 201


@app.get("/healthz")
def health():
    query("SELECT 1")
    return jsonify(status="ok", version=VERSION)
