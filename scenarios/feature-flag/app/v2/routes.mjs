// v2 brings discounts, dark: without the flag the catalogue is what v1 says.
import { withDiscounts } from './discounts.mjs';
import { isOn } from './flags.mjs';

export function answer(request, url, { json, version }) {
  if (request.method !== 'GET' || url.pathname !== '/api/items') return null;
  const items = [{ sku: 'A1', name: 'Kettle', price: 3900 }];
  return json(200, { items: isOn('discounts') ? withDiscounts(items) : items, version });
}
