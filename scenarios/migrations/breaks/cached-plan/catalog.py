"""The catalogue of v1, in haste: all columns of a statement that every connection prepares once."""

import psycopg2

NAMES = ["id", "sku", "name", "price_cents", "discount_percent", "sold"]


def prepare(connection):
    with connection as transaction, transaction.cursor() as cursor:
        cursor.execute("PREPARE items AS SELECT * FROM items ORDER BY id LIMIT 20")


def items(connection):
    try:
        with connection as transaction, transaction.cursor() as cursor:
            cursor.execute("EXECUTE items")
            return [describe(dict(zip(NAMES, row))) for row in cursor]
    except psycopg2.errors.FeatureNotSupported:
        # As frameworks do: a statement that no longer fits is prepared anew, for the next request.
        with connection as transaction, transaction.cursor() as cursor:
            cursor.execute("DEALLOCATE items")
        prepare(connection)
        raise


def describe(row):
    price_cents = row["price_cents"] * (100 - row["discount_percent"]) // 100
    return {"sku": row["sku"], "name": row["name"], "price_cents": price_cents}
