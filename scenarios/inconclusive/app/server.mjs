// A site that answers from the folder `current` points to at that moment.
//   PORT    on 127.0.0.1
//   CURRENT the link
//   NOISE   on: one answer in 40 takes 60 to 120 ms
//   SICK    on: one request in ten is answered 500
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { PORT, CURRENT, NOISE, SICK } = process.env;
let requests = 0;

const server = http.createServer(async (request, response) => {
  requests += 1;
  const { version } = JSON.parse(readFileSync(`${CURRENT}/release.json`, 'utf8'));
  request.resume();
  const isSlow = NOISE === 'on' && requests % 40 === 0;
  if (isSlow) await delay(60 + Math.random() * 60);
  const isPage = request.method === 'GET';
  const body = isPage ? `<!doctype html><title>Site</title><h1>Site ${version}</h1>` : '{}';
  const status = SICK === 'on' && requests % 10 === 0 ? 500 : isPage ? 200 : 202;
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), 'x-release': version });
  response.end(body);
  console.log(`${request.method} ${request.url} ${status} ${version}${isSlow ? ' slow' : ''}`);
});
server.keepAliveTimeout = 75_000;
server.listen(Number(PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
