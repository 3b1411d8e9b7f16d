"""What is in a job, and what a worker does with it: amounts are cents, and those of the release before are understood."""
import time


def payload(cents):
    return {"amount_cents": cents, "currency": "EUR"}


def send(order):
    time.sleep(0.3)  # the mail server
    cents = order["amount_cents"] if "amount_cents" in order else round(order["amount"] * 100)
    return f"paid {cents} {order.get('currency', 'EUR')} cents"
