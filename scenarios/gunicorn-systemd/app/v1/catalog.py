ITEMS = [{"sku": "A1", "name": "Kettle", "price_cents": 3900}]
