// One release of the app: says which it is, reports ready only while its database accepts connections, drains on SIGTERM.
import { createServer } from 'node:http';
import { connect, Server } from 'node:net';

const { RELEASE = 'dev', PORT = '3000', DATABASE_HOST = '127.0.0.1', DATABASE_PORT = '5432' } = process.env;
const KEEP_ALIVE_MS = 5000;
let draining = false;

const server = createServer(async (request, response) => {
  response.setHeader('x-release', RELEASE);
  if (draining) response.setHeader('connection', 'close');
  if (request.url === '/healthz') {
    const ready = !draining && (await accepts(DATABASE_HOST, Number(DATABASE_PORT)));
    response.writeHead(ready ? 200 : 503).end(ready ? 'ready' : 'not ready');
    return;
  }
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ release: RELEASE, items: [{ sku: 'A1' }, { sku: 'B2' }] }));
});
server.keepAliveTimeout = KEEP_ALIVE_MS;
server.listen(Number(PORT));

process.on('SIGTERM', () => {
  draining = true;
  // http.Server.close() also closes idle keep-alive sockets and resets whoever reuses one in that instant.
  Server.prototype.close.call(server);
  setTimeout(() => {
    server.closeIdleConnections();
    process.exit(0);
  }, KEEP_ALIVE_MS + 1000);
});

function accepts(host, port) {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}
