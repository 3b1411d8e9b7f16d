// Needs the column that the migration adds.
export const columns = ['sku', 'name', 'price_cents', 'discount_cents'];
