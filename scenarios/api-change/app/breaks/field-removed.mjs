// The price is an object now, under another name; `price` is gone.
export function answer(request, url, { json, version }) {
  if (request.method !== 'GET' || url.pathname !== '/api/items') return null;
  return json(200, { items: [{ sku: 'A1', name: 'Kettle', cost: { amount: 3900, currency: 'EUR' } }], version });
}
