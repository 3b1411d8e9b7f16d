"""The catalogue of v1: a discount is a percentage."""

COLUMNS = "sku, name, price_cents, discount_percent"


def describe(sku, name, price_cents, discount_percent):
    return {"sku": sku, "name": name, "price_cents": price_cents * (100 - discount_percent) // 100}


def home():
    return {}


def confirm(order):
    return order
