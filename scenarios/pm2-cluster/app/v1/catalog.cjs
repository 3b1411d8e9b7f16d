'use strict';

// Columns are named, never `SELECT *`: a column that a migration adds must not reach code that does not know it.
const itemsSql = `
  SELECT sku, name, price_cents, price_cents * discount_percent / 100 AS discount_cents
  FROM items ORDER BY id LIMIT 20`;

async function items(pool) {
  const { rows } = await pool.query(itemsSql);
  return rows.map((row) => ({ sku: row.sku, name: row.name, priceCents: row.price_cents - row.discount_cents }));
}

module.exports = { items };
