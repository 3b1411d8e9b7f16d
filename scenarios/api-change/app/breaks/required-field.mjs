// An order must say its currency now; clients that do not know of it are refused.
export async function answer(request, url, { json, readJson }) {
  if (request.method !== 'POST' || url.pathname !== '/api/orders') return null;
  const order = await readJson(request);
  if (typeof order?.currency !== 'string') return json(400, { error: 'currency expected' });
  return json(201, { id: crypto.randomUUID() });
}
