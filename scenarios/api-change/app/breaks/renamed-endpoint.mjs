// Items are called products now, and the old path leads nowhere.
export function answer(request, url, { json, version }) {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /api/products':
      return json(200, { products: [{ sku: 'A1', name: 'Kettle', price: 3900 }], version });
    case 'GET /api/items':
      return json(404, { error: 'not found' });
    default:
      return null;
  }
}
