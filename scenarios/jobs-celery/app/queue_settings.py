"""The same in every release: where jobs wait, and that a worker takes one at a time."""
import os

from celery import Celery

celery = Celery("receipts", broker=os.environ["REDIS_URL"], backend=os.environ["REDIS_URL"])
celery.conf.update(worker_prefetch_multiplier=1, result_expires=600, broker_connection_retry_on_startup=True)
