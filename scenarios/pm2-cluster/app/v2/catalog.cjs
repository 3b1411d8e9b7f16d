'use strict';

// Reads the new column and no longer the one it replaces; a row not filled yet (NULL) counts as no discount.
const itemsSql = `
  SELECT sku, name, price_cents, COALESCE(discount_cents, 0) AS discount_cents
  FROM items ORDER BY id LIMIT 20`;

async function items(pool) {
  const { rows } = await pool.query(itemsSql);
  return rows.map((row) => ({
    sku: row.sku,
    name: row.name,
    priceCents: row.price_cents - row.discount_cents,
    discountCents: row.discount_cents,
  }));
}

module.exports = { items };
