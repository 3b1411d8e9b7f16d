"""Gunicorn's settings, each with its reason. They are read again at every HUP."""

import gc

# HUP tells the old workers to stop as soon as the new ones are started, not once they are ready: as long as a worker
# takes to import the app, users wait. So the libraries are imported here, once, in the master, and workers, forked
# from it, import the release alone. (Other versions of these libraries need a new master: USR2 in place of HUP.)
import flask  # noqa: F401
import psycopg2  # noqa: F401

# What is imported here is left out of the workers' garbage collection: a worker then ends in 20 ms of CPU time, not
# in 60, and at a HUP all of them end while the new ones start.
gc.collect()
gc.freeze()

# A sync worker has one request at a time, and one connection to the database: with all of them waiting for a lock,
# nobody is left who would answer what needs no database at all.
worker_class = "sync"
workers = 6
# Longer than the longest request: afterwards a worker that was told to stop is killed.
graceful_timeout = 30
timeout = 30
errorlog = "-"
capture_output = False
