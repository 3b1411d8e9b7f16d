"""The service in Flask under gunicorn, which drains on SIGTERM by itself."""
import json
import os
import pathlib
import signal
import time

from flask import Flask, request

VERSION = json.loads(pathlib.Path(__file__).with_name("release.json").read_text())["version"]
app = Flask(__name__)
print(f"{VERSION} listens, process {os.getpid()}", flush=True)

# The mistake of BREAK=exit-at-once: a handler for SIGTERM of the app's own takes the place of gunicorn's in the worker.
if os.environ.get("SHUTDOWN") == "exit":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


@app.after_request
def name_release(response):
    response.headers["x-release"] = VERSION
    return response


@app.get("/")
def home():
    return f"<!doctype html><title>Shop</title><h1>Shop {VERSION}</h1>"


@app.get("/api/items")
def items():
    return {"items": [{"sku": "A1", "name": "Kettle"}]}


@app.post("/api/orders")
def order():
    sku = request.get_json()["sku"]
    time.sleep(0.1)  # a payment provider's answer
    return {"sku": sku}, 201


@app.get("/report")
def report():
    time.sleep(min(request.args.get("ms", 1000, type=int), 30_000) / 1000)
    return {"lines": 100}


@app.get("/healthz")
def healthz():
    return {"status": "ok", "version": VERSION}
