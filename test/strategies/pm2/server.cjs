'use strict';
const { readFileSync } = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { Drain } = require('./drain.cjs');

const { version, broken } = JSON.parse(readFileSync(path.join(__dirname, 'release.json'), 'utf8'));
if (broken === 'crash-at-start') throw new Error('this release is broken');

const server = http.createServer((request, response) => {
  drain.track(response);
  const { pathname, searchParams } = new URL(request.url, 'http://shop');
  const waitMs = pathname === '/slow' ? Number(searchParams.get('ms')) : request.method === 'POST' ? 100 : 0;
  setTimeout(() => {
    const body = `<h1>Shop ${version}</h1>`;
    response.writeHead(request.method === 'POST' ? 201 : 200, {
      'content-type': 'text/html',
      'content-length': Buffer.byteLength(body),
      'x-release': version,
      ...(drain.announced && { connection: 'close' }),
    });
    response.end(body);
  }, waitMs);
});
// Longer than a client leaves a connection idle.
server.keepAliveTimeout = 75_000;
const drain = new Drain(server, { enabled: true, release: async () => {} });
server.listen(Number(process.env.LISTEN), '127.0.0.1', () => process.send?.('ready'));
