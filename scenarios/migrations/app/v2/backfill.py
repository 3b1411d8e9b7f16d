"""Fills items.discount_cents in batches: short transactions keep row locks short, too."""

import time

import psycopg2

BATCH = 2000

connection = psycopg2.connect(application_name="backfill")
connection.autocommit = True
cursor = connection.cursor()
cursor.execute("SELECT coalesce(max(id), 0) FROM items")
last = cursor.fetchone()[0]
filled = 0
for start in range(0, last, BATCH):
    cursor.execute(
        """
        UPDATE items SET discount_cents = price_cents * discount_percent / 100
        WHERE id > %s AND id <= %s AND discount_cents IS NULL
        """,
        (start, start + BATCH),
    )
    filled += cursor.rowcount
    time.sleep(0.02)
print(f"{filled} rows filled")
