"""Takes orders and promises a receipt within some seconds; a worker sends it."""
import json
import os
import re
import time
import uuid

from flask import Flask, jsonify, request
from redis import Redis

import receipts

PROMISED_WITHIN_S = 8
with open(os.path.join(os.path.dirname(__file__), "release.json")) as file:
    VERSION = json.load(file)["version"]
redis = Redis.from_url(os.environ["REDIS_URL"])
app = Flask(__name__)


@app.after_request
def release(response):
    response.headers["x-release"] = VERSION
    return response


@app.get("/")
def home():
    return jsonify(shop="open", version=VERSION)


@app.get("/healthz")
def health():
    redis.ping()
    return jsonify(status="ok", version=VERSION)


@app.post("/orders")
def order():
    """An order that is sent again with its key is taken once."""
    key = request.headers.get("idempotency-key", "")
    order_id = key if re.fullmatch(r"[\w-]{1,64}", key) else str(uuid.uuid4())
    # Celery does not know when a task was asked for: that stands beside it.
    if redis.set(f"order:{order_id}", time.time(), nx=True, ex=600):
        receipts.send.apply_async((receipts.payload(3900),), task_id=order_id)
    return jsonify(id=order_id), 202


@app.get("/orders/<order_id>")
def receipt(order_id):
    """200 while the promise holds, 410 where the receipt failed or is late."""
    asked_at = redis.get(f"order:{order_id}")
    if asked_at is None:
        return jsonify(error="no such order"), 404
    state = receipts.celery.AsyncResult(order_id).state
    if state == "SUCCESS":
        return jsonify(id=order_id, state="sent")
    if state == "FAILURE" or time.time() - float(asked_at) > PROMISED_WITHIN_S:
        return jsonify(id=order_id, state="failed" if state == "FAILURE" else "late"), 410
    return jsonify(id=order_id, state="promised")
