import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DEFAULT_PATTERNS } from '../../src/scenario/watch-patterns.js';
import { createLogFile } from '../../src/watchers/log-file.js';
import type { LinePattern } from '../../src/watchers/plan.js';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';
import { has, soon, startNginx } from './servers.ts';

const ERROR: LinePattern = { name: 'error', source: 'ERROR', flags: '', isRequestError: false };

const counted = (watched: Watched, pattern = 'error') =>
  watched.all('lines').reduce((sum, each) => (each.pattern === pattern ? sum + each.count : sum), 0);
const texts = (watched: Watched) => watched.all('line').map(({ text }) => text);

async function followed(content = '', patterns = [ERROR]) {
  const path = join(folder(), 'app.log');
  writeFileSync(path, content);
  const watched = watching('log', { path, patterns });
  await watched.sees();
  return { path, watched };
}

/** Releases with a log that is older than what follows, and a link to the first of them. */
async function releases(count: number) {
  const dir = folder();
  const path = join(dir, 'current', 'app.log');
  const logs = Array.from({ length: count }, (_, n) => join(dir, `v${n}`, 'app.log'));
  for (const log of logs) {
    mkdirSync(join(log, '..'));
    writeFileSync(log, 'ERROR of yesterday\n');
  }
  const point = (n: number): void => {
    symlinkSync(`v${n}`, join(dir, 'next'));
    renameSync(join(dir, 'next'), join(dir, 'current'));
  };
  point(0);
  await expect.poll(() => Date.now() - statSync(logs.at(-1) as string).birthtimeMs).toBeGreaterThan(100);
  return { dir, path, logs, point };
}

/** A log that is looked at when it is said, at a time that is said. */
function looking(path: string) {
  const lines: string[] = [];
  const gaps: string[] = [];
  let at = 0;
  const sight = { sees: () => {}, blind: () => {} };
  const hear = { onLine: (line: string) => lines.push(line), onGap: (gap: string) => gaps.push(gap), now: () => at };
  const file = createLogFile(path, sight, hear);
  onTestFinished(() => file.close());
  const look = (ms = 50): void => {
    at += ms;
    file.look();
  };
  look();
  return { lines, gaps, look, close: () => file.close() };
}

/** After this the file that was left is closed. */
const LONG_MS = 11_000;

describe('a log behind a link', () => {
  it.each([50, LONG_MS])('is read on from where it was left when the link comes back after %d ms', async (ms) => {
    const { path, logs, point } = await releases(2);
    const [v0 = '', v1 = ''] = logs;
    const { lines, gaps, look } = looking(path);
    appendFileSync(v0, 'one\n');
    look();
    point(1);
    look();
    appendFileSync(v1, 'two\n');
    look(ms);
    look();
    appendFileSync(v0, 'three\n');
    point(0);
    look();
    appendFileSync(v0, 'four\n');
    look();
    expect(lines).toEqual(['one', 'two', 'three', 'four']);
    expect(gaps).toEqual([]);
  });

  it('that is older than the run, and was written to in it before the link came, is said to have a gap', async () => {
    const { path, logs, point } = await releases(2);
    const { lines, gaps, look } = looking(path);
    appendFileSync(logs[1] as string, 'before the switch\n');
    point(1);
    look();
    appendFileSync(logs[1] as string, 'after it\n');
    look();
    expect(lines).toEqual(['after it']);
    expect(gaps).toEqual([`${path} is older than the run: what was added before was not seen`]);
  });

  it('that was made in the run is read from its beginning, also where it has the number of one that is gone', async () => {
    const { dir, path, logs, point } = await releases(1);
    const { lines, gaps, look } = looking(path);
    for (const round of [1, 2]) {
      mkdirSync(join(dir, 'v1'));
      writeFileSync(join(dir, 'v1', 'app.log'), `boot ${round}\n`);
      point(1);
      look();
      point(0);
      look();
      look(LONG_MS);
      rmSync(join(dir, 'v1'), { recursive: true });
    }
    appendFileSync(logs[0] as string, 'back\n');
    look();
    expect(lines).toEqual(['boot 1', 'boot 2', 'back']);
    expect(gaps).toEqual([]);
  });

  it('gives every line of the run that is in a file at the path once, and none from before', async () => {
    const { path, logs, point } = await releases(3);
    const release = fc.nat(2);
    const action = fc.oneof(
      release.map((to) => ({ to })),
      release.map((write) => ({ write })),
      fc.constantFrom({ ms: 50 }, { ms: LONG_MS }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        point(0);
        const { lines, look, close } = looking(path);
        const known = new Set([0]);
        const written: string[][] = [[], [], []];
        let current = 0;
        for (const [index, each] of actions.entries()) {
          if ('to' in each) {
            current = each.to;
            point(current);
          } else if ('ms' in each) look(each.ms);
          else {
            appendFileSync(logs[each.write] as string, `${each.write} ${index}\n`);
            if (known.has(each.write)) written[each.write]?.push(`${each.write} ${index}`);
          }
          // From its first look on all of a file is read.
          if ('ms' in each) known.add(current);
        }
        for (const n of known) {
          point(n);
          look();
        }
        close();
        for (const n of [0, 1, 2]) expect(lines.filter((line) => line.startsWith(`${n} `))).toEqual(written[n]);
        expect(lines.filter((line) => line.startsWith('ERROR'))).toEqual([]);
      }),
    );
  });
});

describe('a watched log', () => {
  it('is read from its end on: what was written before says nothing of this run', async () => {
    const { path, watched } = await followed('ERROR of yesterday\n');
    appendFileSync(path, 'fine\nERROR one\nERR');
    appendFileSync(path, 'OR two\n');
    await watched.until('both', () => counted(watched) === 2);
    expect(texts(watched)).toEqual(['ERROR one', 'ERROR two']);
  });

  it('is followed through a rotation, also where the writer goes on with the old file for a moment', async () => {
    const { path, watched } = await followed();
    appendFileSync(path, 'ERROR 1\n');
    renameSync(path, `${path}.1`);
    appendFileSync(`${path}.1`, 'ERROR 2\n');
    await watched.until('two', () => counted(watched) === 2);
    writeFileSync(path, 'ERROR 3\n');
    await watched.until('three', () => counted(watched) === 3);
    appendFileSync(`${path}.1`, 'ERROR 4\n');
    appendFileSync(path, 'ERROR 5\n');
    await watched.until('five', () => counted(watched) === 5);
    expect(texts(watched).sort()).toEqual(['ERROR 1', 'ERROR 2', 'ERROR 3', 'ERROR 4', 'ERROR 5']);
    expect(watched.all('blind')).toEqual([]);
  });

  it('is followed through a truncation (copytruncate)', async () => {
    const { path, watched } = await followed('a long line that was there before\n');
    appendFileSync(path, 'ERROR 1\n');
    await watched.until('one', () => counted(watched) === 1);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, 'ERROR 2\n');
    await watched.until('two', () => counted(watched) === 2);
  });

  it('may come later, and is read from its beginning then; until then it is not seen', async () => {
    const dir = folder();
    const path = join(dir, 'log', 'app.log');
    const watched = watching('log', { path, patterns: [ERROR] });
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(watched.all('blind')[0]?.detail).toBe(`there is no ${path}`);
    mkdirSync(join(dir, 'log'));
    writeFileSync(path, 'ERROR at boot\n');
    await watched.until('it', () => counted(watched) === 1);
    expect(watched.events.map(({ what }) => what)).toEqual(['blind', 'sees', 'line', 'lines']);
  });

  it('is none where the path is a folder', async () => {
    const path = folder();
    const watched = watching('log', { path, patterns: [ERROR] });
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(watched.all('blind')[0]?.detail).toBe(`${path} is no regular file`);
  });

  it('floods no record: lines beyond a bound are counted, and one without an end is cut', async () => {
    const { path, watched } = await followed();
    appendFileSync(path, `ERROR ${'x'.repeat(1_000_000)}\n${'ERROR again\n'.repeat(5000)}ERROR last\n`);
    await watched.until('all', () => counted(watched) === 5002);
    expect(watched.all('line').length).toBeLessThanOrEqual(60);
    expect(texts(watched)[0]?.length).toBe(16 * 1024);
  });

  it('gives the id of the request where a line or a pattern names one', async () => {
    const own = { ...ERROR, name: 'own', source: 'FAILED (?<id>\\S+)' };
    const { path, watched } = await followed('', [own, ERROR]);
    appendFileSync(path, 'FAILED zdd-41 ERROR\nERROR x-request-id: "4f-1c"\nERROR without\n');
    await watched.until('three', () => watched.all('line').length === 3);
    expect(watched.all('line').map(({ pattern, requestId }) => ({ pattern, requestId }))).toEqual([
      { pattern: 'own', requestId: 'zdd-41' },
      { pattern: 'error', requestId: '4f-1c' },
      { pattern: 'error', requestId: null },
    ]);
  });

  it.runIf(has('nginx', '-v'))('of nginx tells of requests that failed behind it', async () => {
    const nowhere = await freePort();
    const nginx = await startNginx(`proxy_pass http://127.0.0.1:${nowhere};`);
    const errors = watching('log', { path: nginx.errorLog, patterns: [...DEFAULT_PATTERNS] });
    const access = watching('log', { path: nginx.accessLog, patterns: [...DEFAULT_PATTERNS] });
    await Promise.all([errors.sees(), access.sees()]);
    for (let n = 0; n < 3; n += 1) expect((await fetch(`http://127.0.0.1:${nginx.port}/`)).status).toBe(502);
    await soon(
      'three lines in each',
      () => counted(errors, 'nginx-upstream-error') === 3 && counted(access, 'http-5xx') === 3,
    );
    expect(errors.all('line')[0]?.text).toContain(
      'connect() failed (111: Connection refused) while connecting to upstream',
    );
  });
});

/** Lines as the programs write them, and the pattern that tells each. */
const LINES: [line: string, pattern: string | null][] = [
  [
    '2026/01/02 03:04:05 [error] 12#12: *7 upstream prematurely closed connection while reading response header from upstream, client: 127.0.0.1, server: , request: "GET / HTTP/1.1", upstream: "http://127.0.0.1:3001/"',
    'nginx-upstream-error',
  ],
  [
    '2026/01/02 03:04:05 [error] 12#12: *7 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 127.0.0.1',
    'nginx-upstream-error',
  ],
  [
    '2026/01/02 03:04:05 [error] 12#12: *7 no live upstreams while connecting to upstream, client: 127.0.0.1',
    'nginx-upstream-error',
  ],
  [
    '2026/01/02 03:04:05 [error] 12#12: *7 recv() failed (104: Connection reset by peer) while reading response header from upstream, client: 127.0.0.1',
    'nginx-upstream-error',
  ],
  [
    '2026/01/02 03:04:05 [crit] 12#12: *7 connect() to unix:/run/app.sock failed (2: No such file or directory) while connecting to upstream, client: 127.0.0.1',
    'nginx-upstream-error',
  ],
  ['2026/01/02 03:04:05 [warn] 12#12: *7 an upstream response is buffered to a temporary file', null],
  [
    '2026/01/02 03:04:05 [error] 12#12: *7 open() "/srv/x" failed (2: No such file or directory), client: 127.0.0.1',
    null,
  ],
  ['2026/01/02 03:04:05 [notice] 12#12: signal 1 (SIGHUP) received from 13, reconfiguring', null],
  ['2026/01/02 03:04:05 [alert] 12#12: worker process 14 exited on signal 9', 'nginx-alert'],
  ['127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /a HTTP/1.1" 502 157 "-" "zdd-verify/1"', 'http-5xx'],
  ['127.0.0.1 - - [02/Jan/2026:03:04:05 +0000] "GET /502 HTTP/1.1" 200 502 "-" "x"', null],
  ['2026-01-02T03:04:05+00:00 status=504 upstream=504 GET / time=5.0', 'http-5xx'],
  ['2026-01-02T03:04:05+00:00 status=200 upstream_status=502 GET / time=0.5', null],
  ['{"time":"03:04","status":503,"path":"/"}', 'http-5xx'],
  [
    'haproxy[9]: 127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/a 0/0/-1/-1/3 503 217 - - SC-- 4/4/0/0/3 0/0 "GET / HTTP/1.1"',
    'haproxy-error',
  ],
  [
    '127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/a 0/0/0/-1/30 -1 0 - - SD-- 4/4/0/0/+3 0/0 "GET / HTTP/1.1"',
    'haproxy-error',
  ],
  [
    '127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/a 0/0/0/7/30 200 51200 - - SD-- 4/4/0/0/0 0/0 "GET / HTTP/1.1"',
    'haproxy-error',
  ],
  [
    '127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/a 0/0/0/7/30 200 512 - - ---- 4/4/0/0/0 0/0 "GET / HTTP/1.1"',
    null,
  ],
  [
    '127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/a 0/0/0/7/30 200 512 - - CD-- 4/4/0/0/0 0/0 "GET / HTTP/1.1"',
    null,
  ],
  [
    '127.0.0.1:5 [02/Jan/2026:03:04:05.123] web shop/<NOSRV> 0/0/0/0/0 302 99 - - LR-- 4/4/0/0/0 0/0 "GET / HTTP/1.1"',
    null,
  ],
  [
    'Server shop/a is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms.',
    'haproxy-server-down',
  ],
  ['Server shop/a is UP, reason: Layer7 check passed', null],
  ['[2026-01-02 03:04:05 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:14)', 'gunicorn-worker-timeout'],
  ['[2026-01-02 03:04:05 +0000] [14] [ERROR] Exception in worker process', 'gunicorn-boot-error'],
  ['[2026-01-02 03:04:05 +0000] [12] [ERROR] Reason: Worker failed to boot.', 'gunicorn-boot-error'],
  [
    '[2026-01-02 03:04:05 +0000] [12] [ERROR] Worker (pid:14) was sent SIGKILL! Perhaps out of memory?',
    'gunicorn-worker-killed',
  ],
  ['[2026-01-02 03:04:05 +0000] [14] [INFO] Worker exiting (pid: 14)', null],
  ['kernel: Out of memory: Killed process 14 (python3) total-vm:1kB', 'out-of-memory'],
];

it.each(LINES)('%s', async (line, pattern) => {
  const found = DEFAULT_PATTERNS.find(({ source, flags }) => new RegExp(source, flags).test(line));
  expect(found?.name ?? null).toBe(pattern);
});
