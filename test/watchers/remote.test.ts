import { once } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { RemoteHost } from '../../src/platform/ssh.js';
import { freePort } from '../free-port.ts';
import { type Sshd, startSshd, whyNoSshd } from '../setup/sshd.js';
import { folder, type Watched, watching } from './drive.ts';
import { has, start, startNginx } from './servers.ts';

const missing = whyNoSshd();
if (missing !== null) console.log(`skipped: ${missing}`);

let sshd: Sshd;
beforeAll(async () => {
  if (missing === null) sshd = await startSshd();
});
afterAll(() => sshd?.stop());

const states = (watched: Watched, subject: string) =>
  watched.all('state').flatMap((each) => (each.subject === subject ? [each.value] : []));
const counted = (watched: Watched) => watched.all('lines').reduce((sum, { count }) => sum + count, 0);

describe.runIf(missing === null)('watched by ssh', () => {
  it('a link is seen where it points', async () => {
    const dir = folder();
    const path = join(dir, "the 'current' one");
    const watched = watching('link', { path }, sshd.host);
    await watched.until('none', () => states(watched, path).length === 1);
    symlinkSync('releases/v1', path);
    await watched.until('v1', () => states(watched, path).at(-1) === 'releases/v1');
    rmSync(path);
    mkdirSync(path);
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(states(watched, path)).toEqual([null, 'releases/v1']);
  });

  it.runIf(has('nginx', '-v'))(
    'processes are found by their pidfile, with their start, and through a reload',
    async () => {
      const nginx = await startNginx('return 200 ok;');
      const there = watching('processes', { pidfile: nginx.pidfile, match: null }, sshd.host);
      const here = watching('processes', { pidfile: nginx.pidfile, match: null });
      const began = (watched: Watched) => new Map(watched.all('process-began').map((each) => [each.pid, each]));
      await there.until('three', () => began(there).size === 3);
      await here.until('three', () => began(here).size === 3);
      const lateBy = there.now() - here.now();
      for (const [pid, { startedAt, main }] of began(here)) {
        expect(began(there).get(pid)?.main).toBe(main);
        expect(Math.abs((began(there).get(pid)?.startedAt ?? 0) - startedAt - lateBy)).toBeLessThan(2000);
      }
      nginx.reload();
      await there.until('new ones', () => began(there).size === 5 && there.all('process-ended').length === 2);
      expect([...began(there).values()].at(-1)?.command).toContain('nginx: worker process');
    },
  );

  it('processes are found by their command line', async () => {
    const name = `zdd-there-${process.pid}`;
    const watched = watching(
      'processes',
      { pidfile: null, match: { source: `^sh -c : ${name}`, flags: '' } },
      sshd.host,
    );
    await watched.sees();
    start('sh', ['-c', `: ${name}; sleep 1000 & wait`]);
    await watched.until('both', () => watched.all('process-began').length === 2);
    expect(
      watched
        .all('process-began')
        .map(({ main, command }) => `${main} ${command}`)
        .sort(),
    ).toEqual(['false sleep 1000', `true sh -c : ${name}; sleep 1000 & wait`]);
  });

  it('a log is followed through a rotation, byte for byte', async () => {
    const path = join(folder(), 'app.log');
    writeFileSync(path, 'ERROR of yesterday\n');
    const pattern = { name: 'error', source: 'ERROR', flags: '', isRequestError: false };
    const watched = watching('log', { path, patterns: [pattern] }, sshd.host);
    await watched.sees();
    appendFileSync(path, 'ERROR ü "$(reboot)" `x` \\n 1\n');
    await watched.until('one', () => counted(watched) === 1);
    appendFileSync(path, 'ERROR 2\n');
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'ERROR 3\n');
    await watched.until('three', () => counted(watched) === 3);
    expect(watched.all('line').map(({ text }) => text)).toEqual([
      'ERROR ü "$(reboot)" `x` \\n 1',
      'ERROR 2',
      'ERROR 3',
    ]);
    expect(watched.all('blind')).toEqual([]);
  });

  it('listening sockets are seen', async () => {
    const port = await freePort();
    const path = join(folder(), 'app.sock');
    const watched = watching('sockets', { listen: [`127.0.0.1:${port}`, path] }, sshd.host);
    await watched.until('neither', () => watched.all('state').length === 2);
    for (const where of [port, path]) {
      const server = createServer().listen(
        ...((typeof where === 'number' ? [where, '127.0.0.1'] : [where]) as [number, string]),
      );
      onTestFinished(() => void server.close());
      await once(server, 'listening');
    }
    await watched.until('both', () => watched.all('state').filter(({ value }) => value === 'listening').length === 2);
  });

  it('a lost connection is said, and made again', async () => {
    const path = join(folder(), 'current');
    const watched = watching('link', { path }, sshd.host);
    await watched.sees();
    for (const pid of sshd.connections()) process.kill(pid, 'SIGKILL');
    await watched.until('blind', () => watched.all('blind').length === 1);
    await watched.until('again', () => watched.all('sees').length === 2);
  });

  it('leaves no connection behind', async () => {
    await expect.poll(() => sshd.connections().length, { timeout: 5000 }).toBe(0);
    const watched = watching('link', { path: '/' }, sshd.host);
    await expect.poll(() => sshd.connections().length, { timeout: 5000 }).toBe(1);
    await watched.stop();
    await expect.poll(() => sshd.connections().length, { timeout: 5000 }).toBe(0);
  });
});

it('a host that cannot be reached is said', async () => {
  const host: RemoteHost = { name: 'web9', shell: ['sh', '-c', 'echo "no route to host" >&2; exit 255'] };
  const watched = watching('link', { path: '/srv/current' }, host);
  await watched.until('blind', () => watched.all('blind').length === 1);
  expect(watched.all('blind')[0]?.detail).toBe('sh ended (255): no route to host');
});

it('a log behind a link is read on from where it was left, and a release of before the run from its end', async () => {
  const dir = folder();
  const [path, v1, v2] = [join(dir, 'current', 'app.log'), join(dir, 'v1', 'app.log'), join(dir, 'v2', 'app.log')];
  const point = (to: string): void => {
    symlinkSync(to, join(dir, 'next'));
    renameSync(join(dir, 'next'), join(dir, 'current'));
  };
  for (const log of [v1, v2]) {
    mkdirSync(join(log, '..'));
    writeFileSync(log, 'ERROR of yesterday\n');
  }
  point('v1');
  // The other machine says to a second when a file was made.
  await expect.poll(() => Date.now() - statSync(v2).birthtimeMs, { timeout: 5000 }).toBeGreaterThan(2000);
  const pattern = { name: 'error', source: 'ERROR', flags: '', isRequestError: false };
  const watched = watching('log', { path, patterns: [pattern] }, { name: 'env', shell: ['env', 'A=b', 'sh'] });
  const texts = () => watched.all('line').map(({ text }) => text);
  await watched.sees();
  appendFileSync(v1, 'ERROR 1\n');
  await watched.until('one', () => texts().includes('ERROR 1'));
  appendFileSync(v1, 'ERROR 2\n');
  point('v2');
  await watched.until('the rest of v1', () => texts().includes('ERROR 2'));
  await expect
    .poll(() => {
      appendFileSync(v2, 'ERROR 3\n');
      return texts().includes('ERROR 3');
    })
    .toBe(true);
  appendFileSync(v1, 'ERROR 4\n');
  point('v1');
  await watched.until('v1 again', () => texts().includes('ERROR 4'));
  expect([...new Set(texts())]).toEqual(['ERROR 1', 'ERROR 2', 'ERROR 3', 'ERROR 4']);
  expect(texts().filter((text) => text === 'ERROR 1' || text === 'ERROR 2')).toHaveLength(2);
  expect(watched.all('blind')).toEqual([]);
});

it('a shell behind any command is one: a container, another namespace', async () => {
  const path = join(folder(), 'current');
  symlinkSync('v1', path);
  const watched = watching('link', { path }, { name: 'env', shell: ['env', 'A=b', 'sh'] });
  await watched.until('v1', () => states(watched, path).at(-1) === 'v1');
});
