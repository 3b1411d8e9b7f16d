// The price is a text now: the name is the same, and clients that count with it get nonsense.
export function answer(request, url, { json, version }) {
  if (request.method !== 'GET' || url.pathname !== '/api/items') return null;
  return json(200, { items: [{ sku: 'A1', name: 'Kettle', price: '39.00', currency: 'EUR' }], version });
}
