// The service in Express. SIGTERM: no new connections, finish what was begun, exit.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import express from 'express';

const { LISTEN, SHUTDOWN = 'drain' } = process.env;
const { version } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));

const app = express();
app.disable('x-powered-by');
app.use((_request, response, next) => {
  response.set('x-release', version);
  next();
});
app.get('/', (_request, response) => response.send(`<!doctype html><title>Shop</title><h1>Shop ${version}</h1>`));
app.get('/api/items', (_request, response) => response.json({ items: [{ sku: 'A1', name: 'Kettle' }] }));
app.post('/api/orders', express.json(), async ({ body }, response) => {
  await delay(100); // a payment provider's answer
  response.status(201).json({ sku: body.sku });
});
app.get('/report', async ({ query }, response) => {
  await delay(Math.min(Number(query.ms ?? 1000), 30_000));
  response.json({ lines: 100 });
});
app.get('/healthz', (_request, response) => response.json({ status: 'ok', version }));

const server = app.listen(Number(LISTEN), '127.0.0.1', (error) => {
  if (error) throw error;
  console.log(`${version} listens on ${LISTEN}, process ${process.pid}`);
});
// Longer than the proxy keeps an idle connection: it is the proxy that ends them.
server.keepAliveTimeout = 75_000;

const sockets = new Set();
server.on('connection', (socket) => {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
});

process.once('SIGTERM', () => {
  console.log(`SIGTERM, ${sockets.size} connections`);
  // The mistake of BREAK=exit-at-once.
  if (SHUTDOWN === 'exit') process.exit(0);
  server.close(() => {
    console.log('every connection is closed');
    process.exit(0);
  });
  // The mistake of BREAK=cut-keep-alive, from recipes older than closeIdleConnections(): otherwise close() would wait for
  // connections that the proxy keeps open. But some of them are waiting for an answer.
  if (SHUTDOWN === 'cut') for (const socket of sockets) socket.end();
  // Connections whose last answer is out, now and later: close() does not end those that were busy when it was called.
  setInterval(() => server.closeIdleConnections(), 100);
});
