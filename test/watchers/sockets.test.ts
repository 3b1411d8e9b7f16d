import { once } from 'node:events';
import { renameSync, unlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { listeningTcp, listensOn, unixListener } from '../../src/platform/listeners.js';
import { isBound } from '../../src/watchers/sockets.js';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));

async function listening(where: number | string, host = '127.0.0.1'): Promise<Server> {
  const server = createServer();
  if (typeof where === 'number') server.listen(where, host);
  else server.listen(where);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

it('a watched address is seen to listen, and not to, for as short as it takes to listen again', async () => {
  const port = await freePort();
  const subject = `127.0.0.1:${port}`;
  const watched = watching('sockets', { listen: [subject] });
  await watched.until('nothing', () => states(watched, subject).length === 1);
  const server = await listening(port);
  await watched.until('listening', () => states(watched, subject).length === 2);
  server.close();
  await watched.until('gone', () => states(watched, subject).length === 3);
  await listening(port);
  await watched.until('back', () => states(watched, subject).length === 4);
  expect(states(watched, subject)).toEqual([null, 'listening', null, 'listening']);
});

it.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['0.0.0.0', '127.0.0.1', true],
  ['127.0.0.1', '*', true],
  ['127.0.0.2', '127.0.0.1', false],
])('what listens on %s is taken for %s: %s', async (host, wanted, expected) => {
  const port = await freePort();
  await listening(port, host);
  expect(listensOn(listeningTcp(), wanted, port)).toBe(expected);
});

it('a watched Unix socket listens while its name is there, whoever holds the old one', async () => {
  const path = join(folder(), 'app.sock');
  const watched = watching('sockets', { listen: [path] });
  await watched.sees();
  await listening(path);
  await watched.until('listening', () => states(watched, path).at(-1) === 'listening');
  renameSync(path, `${path}.old`);
  await watched.until('gone', () => states(watched, path).at(-1) === null);
  renameSync(`${path}.old`, path);
  await watched.until('back', () => states(watched, path).at(-1) === 'listening');
  unlinkSync(path);
  await watched.until('gone again', () => states(watched, path).at(-1) === null);
});

it('a Unix socket that was bound by a relative path is known by its end', () => {
  const row = '0000000000000000: 00000002 00000000 00010000 0001 01 12345 run/app.sock';
  expect(unixListener(row)).toBe('run/app.sock');
  expect(unixListener(row.replace('00010000', '00000000'))).toBeNull();
  expect(isBound(new Set(['run/app.sock']), '/srv/shop/run/app.sock')).toBe(true);
  expect(isBound(new Set(['p.sock']), '/srv/shop/run/app.sock')).toBe(false);
});
