"""The service in FastAPI under uvicorn, which drains on SIGTERM by itself."""
import asyncio
import json
import os
import pathlib
import signal

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse

VERSION = json.loads(pathlib.Path(__file__).with_name("release.json").read_text())["version"]
app = FastAPI()


@app.on_event("startup")
def startup():
    print(f"{VERSION} listens, process {os.getpid()}", flush=True)
    # The mistake of BREAK=exit-at-once: a handler for SIGTERM of the app's own takes the place of uvicorn's.
    if os.environ.get("SHUTDOWN") == "exit":
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


@app.on_event("shutdown")
def shutdown():
    print("every connection is closed", flush=True)


@app.get("/", response_class=HTMLResponse)
async def home():
    return f"<!doctype html><title>Shop</title><h1>Shop {VERSION}</h1>"


@app.get("/api/items")
async def items():
    return {"items": [{"sku": "A1", "name": "Kettle"}]}


@app.post("/api/orders")
async def order(request: Request):
    body = await request.json()
    await asyncio.sleep(0.1)  # a payment provider's answer
    return JSONResponse({"sku": body["sku"]}, status_code=201)


@app.get("/report")
async def report(ms: int = 1000):
    await asyncio.sleep(min(ms, 30_000) / 1000)
    return {"lines": 100}


@app.get("/healthz")
async def healthz():
    return {"status": "ok", "version": VERSION}
