def describe(item):
    discount_cents = item.discount_cents or 0
    return {
        "sku": item.sku,
        "name": item.name,
        "price_cents": item.price_cents - discount_cents,
        "discount_cents": discount_cents,
    }
