def describe(item):
    return {"sku": item.sku, "name": item.name, "price_cents": item.price_cents}
