"""What is in a job, and what a worker does with it: amounts are numbers."""
import time

from queue_settings import celery


def payload(cents):
    return {"amount": cents / 100}


@celery.task(name="receipts.send")
def send(order):
    time.sleep(0.3)  # the mail server
    return f"paid {order['amount']:.2f}"
