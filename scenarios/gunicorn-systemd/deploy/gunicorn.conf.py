"""Gunicorn's settings, each with its reason. They are read again at every reload."""

import gc

# HUP tells the old workers to stop as soon as the new ones are started, not once they are ready: as long as a worker
# takes to import the app, users wait. So the libraries are imported here, once, in the master, and workers, forked
# from it, import the release alone. (Other versions of these libraries need a new master: USR2 in place of HUP.)
import flask  # noqa: F401

# What is imported here is left out of the workers' garbage collection: a worker then ends in 20 ms of CPU time, not
# in 60, and at a HUP all of them end while the new ones start.
gc.collect()
gc.freeze()

# A sync worker has one request at a time: enough workers for the slow requests and the fast ones beside them.
worker_class = "sync"
workers = 8
# Longer than the longest request, and shorter than the unit's TimeoutStopSec.
graceful_timeout = 30
timeout = 30
errorlog = "-"
