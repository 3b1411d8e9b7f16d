"""The catalogue of v1: a discount is a percentage."""


def prepare(connection):
    """Nothing: each query is sent as it is."""


def items(connection):
    # Columns are named, never `SELECT *`: what a migration adds does not reach code that does not know it.
    with connection as transaction, transaction.cursor() as cursor:
        cursor.execute("SELECT sku, name, price_cents, discount_percent FROM items ORDER BY id LIMIT 20")
        return [describe(*row) for row in cursor]


def describe(sku, name, price_cents, discount_percent):
    return {"sku": sku, "name": name, "price_cents": price_cents * (100 - discount_percent) // 100}
