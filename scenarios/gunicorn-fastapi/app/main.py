"""A small shop in FastAPI. Workers import it anew at every HUP, from wherever `current` leads by then."""

import asyncio
import json
import os
import sqlite3
import uuid
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

import catalog

VERSION = json.loads((Path(__file__).parent / "release.json").read_text())["version"]

app = FastAPI()


class Order(BaseModel):
    sku: str


class NameRelease:
    """Adds the header `x-release` to every answer."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def send_named(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-release", VERSION.encode()))
            await send(message)

        await self.app(scope, receive, send_named)


app.add_middleware(NameRelease)

# Opened by each worker for itself: one that is carried over a fork (`--preload`) loses its locks, and says "database is
# locked". Every statement is a transaction of its own.
database = None


def query(sql, values=()):
    return database.execute(sql, values).fetchall()


@app.get("/", response_class=HTMLResponse)
async def home():
    return f"<!doctype html><title>Shop</title><h1>Shop {VERSION}</h1>"


@app.get("/api/items")
async def items():
    return {"items": catalog.ITEMS, "version": VERSION}


@app.post("/api/orders", status_code=201)
async def place_order(order: Order, idempotency_key: str | None = Header(default=None)):
    key = idempotency_key or str(uuid.uuid4())
    await asyncio.sleep(0.1)  # a payment provider's answer
    # A request that comes again with its key gets the order that was placed the first time.
    await asyncio.to_thread(query, "INSERT OR IGNORE INTO orders VALUES (?, ?, ?)", (key, order.sku, VERSION))
    return {"id": key}


@app.get("/api/orders/{key}")
async def read_order(key: str):
    rows = await asyncio.to_thread(query, "SELECT id, sku, placed_by FROM orders WHERE id = ?", (key,))
    if not rows:
        raise HTTPException(404)
    return dict(zip(("id", "sku", "placed_by"), rows[0]))


@app.get("/slow")
async def slow(ms: int = 1000):
    await asyncio.sleep(min(ms, 30_000) / 1000)
    return {"slept": True, "version": VERSION}


@app.get("/healthz")
async def health():
    """Ready is who reaches the database, not who listens."""
    await asyncio.to_thread(query, "SELECT 1 FROM orders LIMIT 1")
    return {"status": "ok", "version": VERSION}


@app.on_event("startup")
async def boot():
    global database
    database = sqlite3.connect(os.environ["DATABASE"], timeout=5, isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA synchronous = NORMAL")
    # What a bigger app loads before it can serve.
    await asyncio.sleep(float(os.environ.get("BOOT_SECONDS", 0)))
    log("boot")


@app.on_event("shutdown")
async def end():
    log("end")


def log(event):
    line = {"at": datetime.now().isoformat(timespec="milliseconds"), "event": event, "version": VERSION}
    print(json.dumps({**line, "pid": os.getpid(), "from": os.getcwd()}), flush=True)
