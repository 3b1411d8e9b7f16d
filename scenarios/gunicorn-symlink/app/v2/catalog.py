"""The catalogue of v2: a discount is an amount (none where it was not yet filled in), and orders have a receipt."""

from receipts import receipt_for

COLUMNS = "sku, name, price_cents, discount_cents"


def describe(sku, name, price_cents, discount_cents):
    discount_cents = discount_cents or 0
    return {"sku": sku, "name": name, "price_cents": price_cents - discount_cents, "discount_cents": discount_cents}


def home():
    return {"offer": {"name": "Kettle", "discount_cents": 500}}


def confirm(order):
    return {**order, "receipt": receipt_for(order["id"])}
