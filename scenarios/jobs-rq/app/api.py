"""Takes orders and promises a receipt within some seconds; a worker sends it."""
import json
import os
import re
import uuid
from datetime import datetime, timezone

from flask import Flask, jsonify, request
from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.job import Job

import receipts

PROMISED_WITHIN_S = 8
with open(os.path.join(os.path.dirname(__file__), "release.json")) as file:
    VERSION = json.load(file)["version"]
redis = Redis.from_url(os.environ["REDIS_URL"])
queue = Queue("receipts", connection=redis)
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
    job_id = key if re.fullmatch(r"[\w-]{1,64}", key) else str(uuid.uuid4())
    if not Job.exists(job_id, connection=redis):
        queue.enqueue(receipts.send, receipts.payload(3900), job_id=job_id, result_ttl=600, failure_ttl=600)
    return jsonify(id=job_id), 202


@app.get("/orders/<job_id>")
def receipt(job_id):
    """200 while the promise holds, 410 where the receipt failed or is late."""
    try:
        job = Job.fetch(job_id, connection=redis)
    except NoSuchJobError:
        return jsonify(error="no such order"), 404
    state = job.get_status(refresh=False)
    if state == "finished":
        return jsonify(id=job_id, state="sent")
    age = (datetime.now(timezone.utc) - job.enqueued_at.replace(tzinfo=timezone.utc)).total_seconds()
    if state == "failed" or age > PROMISED_WITHIN_S:
        return jsonify(id=job_id, state="failed" if state == "failed" else "late"), 410
    return jsonify(id=job_id, state=state)
