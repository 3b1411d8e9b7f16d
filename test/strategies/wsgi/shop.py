"""A shop of three routes, as plain WSGI. Workers import it anew at every HUP, from wherever `current` leads by then."""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs

RELEASE = json.loads((Path(__file__).parent / "release.json").read_text())
VERSION = RELEASE["version"]
if RELEASE.get("broken") == "crash-at-start":
    raise RuntimeError("this release is broken")


def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(int(parse_qs(environ["QUERY_STRING"]).get("ms", ["1000"])[0]) / 1000)
    elif environ["REQUEST_METHOD"] == "POST":
        time.sleep(0.1)  # a payment provider's answer
    status = "201 Created" if environ["REQUEST_METHOD"] == "POST" else "200 OK"
    body = f"<h1>Shop {VERSION}</h1>".encode()
    start_response(status, [("Content-Type", "text/html"), ("Content-Length", str(len(body))), ("X-Release", VERSION)])
    return [body]
