"""The catalogue of v2: a discount is an amount, none where it was not yet filled in."""


def prepare(connection):
    """Nothing: each query is sent as it is."""


def items(connection):
    with connection as transaction, transaction.cursor() as cursor:
        cursor.execute("SELECT sku, name, price_cents, discount_cents FROM items ORDER BY id LIMIT 20")
        return [describe(*row) for row in cursor]


def describe(sku, name, price_cents, discount_cents):
    discount_cents = discount_cents or 0
    return {"sku": sku, "name": name, "price_cents": price_cents - discount_cents, "discount_cents": discount_cents}
