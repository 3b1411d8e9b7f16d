import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WATCHERS, type WatcherName } from '../../src/model/watch.js';
import type { RemoteHost } from '../../src/platform/ssh.js';
import type { WatchOptions } from '../../src/watchers/plan.js';
import { REGISTRY } from '../../src/watchers/registry.js';
import { folder, watching } from './drive.ts';

/** Takes connections and never says a word. */
let silent: Server;
let port: number;
const taken = new Set<Socket>();
beforeAll(async () => {
  silent = createServer((socket) => taken.add(socket.on('error', () => {}))).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  port = (silent.address() as AddressInfo).port;
});
afterAll(() => {
  for (const socket of taken) socket.destroy();
  silent.close();
});

/** A cluster whose server never says a word. */
function kubeconfigFor(dir: string, at: number): string {
  const file = join(dir, 'kubeconfig');
  const text = `{ clusters: [{ name: c, cluster: { server: 'https://127.0.0.1:${at}' } }], users: [{ name: u, user: { token: hunter22 } }],
  contexts: [{ name: here, context: { cluster: c, user: u } }], current-context: here }`;
  writeFileSync(file, text);
  return file;
}

/** Each watcher on something that is not there, or does not answer. */
function optionsAt(dir: string): WatchOptions {
  const path = join(dir, 'none');
  return {
    link: { path },
    processes: { pidfile: path, match: null },
    log: { path, patterns: [] },
    sockets: { listen: ['127.0.0.1:1', path] },
    systemd: { units: ['no-such.service'] },
    journal: { units: ['no-such.service'], patterns: [] },
    haproxy: { socket: `127.0.0.1:${port}`, backends: [] },
    docker: { containers: ['web'], project: null, service: null, socket: path },
    kubernetes: { deployment: 'web', namespace: null, context: null, kubeconfig: kubeconfigFor(dir, port) },
    metric: { prometheus: `http://127.0.0.1:${port}`, query: 'up', headers: {} },
    queue: { redis: `redis://127.0.0.1:${port}`, keys: ['jobs'] },
    postgres: { url: `postgres://shop:hunter22@127.0.0.1:${port}/shop` },
    resources: { what: ['disk'], disk: path },
  };
}

/** That nothing is there is a state to these, and no reason not to see. */
const SEES_NOTHING: readonly WatcherName[] = ['link', 'sockets'];
/** A shell of their own says what they cannot see. */
const NO_SHELL: RemoteHost = { name: 'none', shell: ['sh', '-c', 'echo "no such host" >&2; exit 255'] };
const hostOf = (name: WatcherName) => (name === 'systemd' || name === 'journal' ? NO_SHELL : null);

const start = <Name extends WatcherName>(name: Name) => watching(name, optionsAt(folder())[name], hostOf(name));

it('every watcher is registered under its name', () => {
  expect(Object.keys(REGISTRY).sort()).toEqual([...WATCHERS].sort());
  for (const name of WATCHERS) expect(REGISTRY[name].name).toBe(name);
});

describe.each(WATCHERS)('the watcher %s', (name) => {
  it('says what it cannot see, once, and never throws', async () => {
    const watched = start(name);
    if (SEES_NOTHING.includes(name)) {
      await watched.sees();
      expect(watched.all('state').every(({ value }) => value === null)).toBe(true);
    } else await watched.until('blind', () => watched.all('blind').length > 0);
    await watched.abort();
    expect(watched.all('blind')).toHaveLength(SEES_NOTHING.includes(name) ? 0 : 1);
    expect(JSON.stringify(watched.events)).not.toContain('hunter22');
  });

  it('ends at once when there is no time left, whatever does not answer', async () => {
    const watched = start(name);
    const from = performance.now();
    await watched.abort();
    expect(performance.now() - from).toBeLessThan(4000);
  });
});
