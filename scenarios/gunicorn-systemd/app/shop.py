"""A small shop. Workers import it anew at every reload, from wherever `current` leads by then."""

import json
import os
import time
import uuid
from pathlib import Path

from flask import Flask, jsonify, request

import catalog

VERSION = json.loads((Path(__file__).parent / "release.json").read_text())["version"]

app = Flask(__name__)


@app.get("/")
def home():
    return f"<!doctype html><title>Shop</title><h1>Shop {VERSION}</h1>"


@app.get("/api/items")
def items():
    return jsonify(items=catalog.ITEMS, version=VERSION)


@app.post("/api/orders")
def place_order():
    time.sleep(0.1)  # a payment provider's answer
    return jsonify(id=str(uuid.uuid4()), by=VERSION), 201


@app.get("/slow")
def slow():
    time.sleep(min(int(request.args.get("ms", 1000)), 30_000) / 1000)
    return jsonify(slept=True, version=VERSION)


@app.get("/healthz")
def health():
    return jsonify(status="ok", version=VERSION)


@app.after_request
def name_release(response):
    response.headers["X-Release"] = VERSION
    return response


print(json.dumps({"event": "boot", "version": VERSION, "pid": os.getpid(), "from": os.getcwd()}), flush=True)
