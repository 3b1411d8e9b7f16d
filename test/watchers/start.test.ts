import { once } from 'node:events';
import { appendFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import type { ObservationEvent } from '../../src/model/watch.js';
import { clockSince, monotonicNs } from '../../src/platform/clock.js';
import { createRedactor } from '../../src/scenario/redact.js';
import type { WatchPlan } from '../../src/watchers/plan.js';
import { startWatchers } from '../../src/watchers/start.js';
import { folder } from './drive.ts';
import { postgresPrograms, startPostgres } from './postgres-server.ts';
import { soon } from './servers.ts';

const programs = postgresPrograms();
const SECRET = 'hunter22-hunter22';

function run(plans: WatchPlan[]) {
  const events: ObservationEvent[] = [];
  const faults: string[] = [];
  const watchers = startWatchers(plans, {
    clock: clockSince(monotonicNs()),
    clean: createRedactor([SECRET]),
    record: (event) => events.push(event),
    onFault: (reason) => faults.push(reason),
  });
  return { watchers, events, faults };
}

const base = { on: null, of: '' };

it('runs several at once, each under its index, until it is told to stop', async () => {
  const dir = folder();
  symlinkSync('v1', join(dir, 'a'));
  const { watchers, events, faults } = run([
    { ...base, kind: 'link', name: 'a', path: join(dir, 'a') },
    { ...base, kind: 'sockets', name: 'b', listen: ['127.0.0.1:1'] },
  ]);
  await soon('both', () => new Set(events.map(({ watch }) => watch)).size === 2);
  await watchers.stop();
  const count = events.length;
  symlinkSync('v1', join(dir, 'later'));
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(events).toHaveLength(count);
  expect(faults).toEqual([]);
});

it('keeps texts short, and no half of a secret in them', async () => {
  const path = join(folder(), 'app.log');
  writeFileSync(path, '');
  const pattern = { name: 'all', source: '.', flags: '', isRequestError: false };
  const { watchers, events } = run([{ ...base, kind: 'log', name: 'log', path, patterns: [pattern] }]);
  await soon('it sees', () => events.length > 0);
  appendFileSync(path, `${'x'.repeat(495)}${SECRET}${'y'.repeat(100)}\nplain ${SECRET}\n`);
  await soon('two lines', () => events.filter(({ what }) => what === 'line').length === 2);
  await watchers.stop();
  const texts = events.flatMap((event) => (event.what === 'line' ? [event.text] : []));
  expect(texts).toEqual([`${'x'.repeat(495)}[reda`, 'plain [redacted]']);
});

it.runIf(programs !== null)('tells of the phases, and cleans texts however deep they are', async () => {
  const server = startPostgres(programs as string);
  const connected = async (application: string) => {
    const client = new pg.Client({ connectionString: server.url, application_name: application });
    onTestFinished(() => client.end().catch(() => {}));
    await client.connect();
    return client;
  };
  const [holder, app] = [await connected(SECRET), await connected('shop')];
  await holder.query('create table "hunter22-hunter22" (id int)');
  await holder.query('begin; lock table "hunter22-hunter22"');
  const { watchers, events } = run([{ ...base, kind: 'postgres', name: 'db', url: server.url }]);
  const read = app.query('select 1 from "hunter22-hunter22"');
  await soon('a wait', () => events.some(({ what }) => what === 'lock-wait'));
  await holder.query('rollback');
  await read;
  watchers.phase('migrate');
  await soon('many looks', () => events.some((event) => event.what === 'lock-looks' && event.looks > 11));
  await watchers.stop();
  const wait = events.find(({ what }) => what === 'lock-wait');
  expect(wait).toMatchObject({
    relation: '"[redacted]"',
    waiting: { statement: 'select 1 from "[redacted]"' },
    blocker: { application: '[redacted]' },
  });
  expect(JSON.stringify(events)).not.toContain(SECRET);
});

it('a watcher that breaks is a fault, and what it was to show is not seen; the others go on', async () => {
  const broken = {
    ...base,
    kind: 'log',
    name: 'broken',
    path: '/x',
    patterns: [{ name: 'x', source: '(', flags: '' }],
  };
  const { watchers, events, faults } = run([
    broken as unknown as WatchPlan,
    { ...base, kind: 'link', name: 'a', path: '/no/such/link' },
  ]);
  await soon('the other one', () => events.some(({ watch }) => watch === 1));
  await watchers.stop();
  expect(faults).toEqual([expect.stringMatching(/^the watcher broken broke: Invalid regular expression/)]);
  const ofBroken = events.filter(({ watch }) => watch === 0);
  expect(ofBroken).toMatchObject([{ what: 'blind', detail: expect.stringContaining('it broke: ') }]);
});

it('what does not answer is not waited for', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { watchers, faults } = run([
    { ...base, kind: 'metric', name: 'up', prometheus: `http://127.0.0.1:${port}`, query: 'up', headers: {} },
    { ...base, kind: 'haproxy', name: 'proxy', socket: `127.0.0.1:${port}`, backends: [] },
    { ...base, kind: 'postgres', name: 'db', url: `postgres://a@127.0.0.1:${port}/b` },
  ]);
  const from = performance.now();
  await watchers.stop();
  expect(performance.now() - from).toBeLessThan(3000);
  expect(faults).toEqual([]);
});
