# A field more, and none less: clients of v1 go on as they were.
ITEMS = [{"sku": "A1", "name": "Kettle", "price_cents": 3900, "discount_cents": 500}]
