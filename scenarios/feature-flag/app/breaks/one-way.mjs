// With the flag orders go to a store of their own; without it nobody looks there.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isOn } from './flags.mjs';

const store = `${process.env.ORDERS}.discounts`;

export async function answer(request, url, { json, readJson, version }) {
  const id = /^\/api\/orders\/([\w-]+)$/.exec(url.pathname)?.[1];
  if (!isOn('discounts')) return null;
  if (request.method === 'POST' && url.pathname === '/api/orders') {
    const { sku } = await readJson(request);
    await delay(100);
    const order = { id: request.headers['idempotency-key'] ?? crypto.randomUUID(), sku, by: version };
    if (find(order.id) === null) appendFileSync(store, `${JSON.stringify(order)}\n`);
    return json(201, { id: order.id });
  }
  const order = request.method === 'GET' && id !== undefined ? find(id) : null;
  return order === null ? null : json(200, order);
}

function find(id) {
  const lines = existsSync(store) ? readFileSync(store, 'utf8').split('\n') : [];
  const line = lines.find((each) => each.includes(`"id":"${id}"`));
  return line === undefined ? null : JSON.parse(line);
}
