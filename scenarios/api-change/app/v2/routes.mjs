// v2 only adds: a currency, and a page for one item. Whoever reads what v1 said finds it where it was.
export function answer(request, url, { json, version }) {
  const item = { sku: 'A1', name: 'Kettle', price: 3900, currency: 'EUR' };
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /api/items':
      return json(200, { items: [item], version });
    case 'GET /api/items/A1':
      return json(200, item);
    default:
      return null;
  }
}
