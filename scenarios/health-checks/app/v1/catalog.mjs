export const columns = ['sku', 'name', 'price_cents'];
