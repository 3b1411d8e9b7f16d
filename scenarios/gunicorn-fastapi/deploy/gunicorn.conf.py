"""Gunicorn's settings, each with its reason. They are read again at every HUP."""

import gc
import os

# HUP tells the old workers to stop as soon as the new ones are started, not once they are ready: as long as a worker
# takes to import the app, users wait. So the libraries are imported here, once, in the master, and workers, forked
# from it, import the release alone. (Other versions of these libraries need a new master: USR2 in place of HUP.)
import fastapi  # noqa: F401
import uvicorn.workers  # noqa: F401

# What is imported here is left out of the workers' garbage collection: a worker then ends in 20 ms of CPU time, not
# in 60, and at a HUP all of them end while the new ones start.
gc.collect()
gc.freeze()

BREAK = os.environ["BREAK"]

worker_class = "draining_worker.DrainingWorker"  # beside this file
workers = 2
# A uvicorn worker that was told to stop gives no more sign of life while it finishes what it began: after this long
# the master aborts it. So this is longer than the longest request, although no request of a live worker is held to it.
timeout = 30
errorlog = "-"

if BREAK == "stock-worker":
    # Closes what it has accepted and not yet read.
    worker_class = "uvicorn.workers.UvicornWorker"
if BREAK == "short-timeout":
    # Shorter than the longest request.
    timeout = 2
if BREAK == "preload":
    # The app is imported by the master, which does not import it again at HUP.
    preload_app = True
