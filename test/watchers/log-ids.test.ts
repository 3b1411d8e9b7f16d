import { appendFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runsOf } from '../../src/watchers/log-ids.js';
import { readIdLine } from '../../src/watchers/log-ids-line.js';
import type { IdsPlan } from '../../src/watchers/plan.js';
import { freePort } from '../free-port.ts';
import { folder, type Watched, watching } from './drive.ts';
import { has, startNginx } from './servers.ts';

const plain = (seq: number, isMute = false) => ({ seq, isMute, told: null });

describe('a line that names a request', () => {
  it.each([
    ['"GET / HTTP/1.1" request_id=zdd-17 upstream_status="200" upstream_connect_time="0.001"', plain(17, true)],
    [
      '200 "GET / HTTP/1.1" status=200 request_id=zdd-17 upstream_status="200" upstream_connect_time="0.001"',
      plain(17),
    ],
    ['{"request_id":"zdd-4711","status":204,"upstream_status":"204"}', plain(4711)],
    ['127.0.0.1 - - [x] "GET /a HTTP/1.1" 404 157 "-" "zdd-verify/1 (run a-1)" zdd-3', plain(3)],
    [
      '{"request_id":"zdd-5","status":502,"request_method":"POST","upstream_status":"502"}',
      {
        seq: 5,
        isMute: false,
        told: { seq: 5, status: 502, method: 'POST', tries: [{ status: 502, connected: null }] },
      },
    ],
    [
      'status=200 "POST /b HTTP/1.1" request_id=zdd-6 upstream_status="502, 200" upstream_connect_time="-, 0.002"',
      {
        seq: 6,
        isMute: false,
        told: {
          ...{ seq: 6, status: 200, method: 'POST' },
          tries: [
            { status: 502, connected: false },
            { status: 200, connected: true },
          ],
        },
      },
    ],
    [
      'request_id=zdd-7 status=504 upstream_addr=10.0.0.1:80, 10.0.0.2:80 upstream_status="504, 504"',
      {
        seq: 7,
        isMute: false,
        told: {
          ...{ seq: 7, status: 504, method: null },
          tries: [
            { status: 504, connected: null },
            { status: 504, connected: null },
          ],
        },
      },
    ],
    [
      'status=200 retries=+1 request_id=zdd-8',
      {
        seq: 8,
        isMute: false,
        told: {
          ...{ seq: 8, status: 200, method: null },
          tries: [
            { status: null, connected: null },
            { status: null, connected: null },
          ],
        },
      },
    ],
    [
      'status=-1 retries=0 request_id=zdd-9',
      { seq: 9, isMute: false, told: { seq: 9, status: 0, method: null, tries: [] } },
    ],
    [
      'status=499 "GET / HTTP/1.1" request_id=zdd-10 upstream_status="-"',
      {
        seq: 10,
        isMute: false,
        told: { seq: 10, status: 499, method: 'GET', tries: [{ status: null, connected: null }] },
      },
    ],
  ])('%s', (line, expected) => {
    expect(readIdLine(line)).toEqual(expected);
  });

  it.each([
    'request_id=4f1c2a status=200',
    'request_id=4f1c21 status=200',
    'request_id=- status=502',
    '"GET / HTTP/1.1" 200 5 "-" "zdd-verify/0.1.0 (run 20250102-030405-shop)"',
    'nothing at all',
  ])('does not name one of ours: %s', (line) => {
    expect(readIdLine(line)).toBeNull();
  });

  it('can be any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        expect(readIdLine(`${text} request_id=zdd-5 status=200`)).not.toBeUndefined();
      }),
    );
  });
});

describe('numbers as runs', () => {
  it('join neighbours, and have one that is there twice in two', () => {
    expect(runsOf([])).toEqual([]);
    expect(runsOf([3, 1, 2, 9, 5, 4, 2])).toEqual([1, 2, 2, 5, 9, 9]);
  });

  it('hold every number as often as it was given', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(60)), (seqs) => {
        const runs = runsOf(seqs);
        const back: number[] = [];
        for (let index = 0; index < runs.length; index += 2)
          for (let seq = runs[index] as number; seq <= (runs[index + 1] as number); seq += 1) back.push(seq);
        expect(back.sort((a, b) => a - b)).toEqual(seqs.toSorted((a, b) => a - b));
      }),
    );
  });
});

const counted = (watched: Watched) => watched.all('ids').flatMap(({ runs }) => runs);
const gaps = (watched: Watched) => watched.all('ids').flatMap((event) => event.gaps);

async function followed(ids: IdsPlan = { side: 'proxy', match: null }) {
  const path = join(folder(), 'access.log');
  writeFileSync(path, 'status=200 request_id=zdd-1\n');
  const watched = watching('log', { path, patterns: [], ids });
  await watched.sees();
  return { path, watched };
}

describe('a log that is asked which requests it names', () => {
  it('says at once that it is read for them, and what it named by the end', async () => {
    const { path, watched } = await followed();
    expect(watched.all('ids')).toMatchObject([{ side: 'proxy', runs: [], told: [], gaps: [] }]);
    appendFileSync(path, 'status=200 request_id=zdd-8\nstatus=502 request_id=zdd-7\nstatus=200 request_id=4f1c\n');
    await watched.stop();
    expect(counted(watched)).toEqual([7, 8]);
    expect(watched.all('ids').flatMap(({ told }) => told)).toMatchObject([{ seq: 7, status: 502 }]);
    expect(gaps(watched)).toEqual([]);
  });

  it('names those alone whose line matches', async () => {
    const { path, watched } = await followed({ side: 'app', match: { source: ' handled ', flags: 'g' } });
    appendFileSync(path, 'got request_id=zdd-7\nhas handled request_id=zdd-7\nhas handled request_id=zdd-8\n');
    await watched.stop();
    expect(counted(watched)).toEqual([7, 8]);
  });

  it('says that lines may be missing where it is cut, and not where it is rotated', async () => {
    const { path, watched } = await followed();
    appendFileSync(path, 'status=200 request_id=zdd-2\n');
    await watched.until('two', () => counted(watched).includes(2));
    renameSync(path, `${path}.1`);
    writeFileSync(path, 'status=200 request_id=zdd-3\n');
    await watched.until('three', () => counted(watched).includes(3));
    expect(gaps(watched)).toEqual([]);
    truncateSync(path);
    await watched.until('the cut', () => gaps(watched).length > 0);
    expect(gaps(watched)).toEqual([`${path} was cut while it was written`]);
  });

  it('keeps lines that say more up to a bound, and counts the others', async () => {
    const { path, watched } = await followed();
    const lines = Array.from({ length: 5100 }, (_, n) => `status=502 request_id=zdd-${n}\n`);
    appendFileSync(path, lines.join(''));
    await watched.stop();
    const events = watched.all('ids');
    expect(events.flatMap(({ told }) => told)).toHaveLength(5000);
    expect(events.reduce((sum, { untold }) => sum + untold, 0)).toBe(100);
    expect(counted(watched)).toEqual([0, 5099]);
  });

  it.runIf(has('nginx', '-v'))('of nginx, by the format of the documentation: which were tried twice', async () => {
    const [dead, app, proxy] = [await freePort(), await freePort(), await freePort()];
    const format = `log_format zdd 'status=$status "$request" request_id=$http_x_request_id upstream_status="$upstream_status" upstream_connect_time="$upstream_connect_time"';`;
    const nginx = await startNginx(
      `return 200 ok; } }
      server { listen 127.0.0.1:${app}; access_log off; location / { return 204; } }
      ${format} upstream shop { server 127.0.0.1:${dead} max_fails=0; server 127.0.0.1:${app}; }
      server { listen 127.0.0.1:${proxy}; access_log zdd.log zdd; location / { proxy_pass http://shop;`,
    );
    const path = join(nginx.dir, 'zdd.log');
    const watched = watching('log', { path, patterns: [], ids: { side: 'proxy', match: null } });
    await watched.sees();
    for (let seq = 0; seq < 4; seq += 1) {
      const headers = { 'x-request-id': `zdd-${seq}` };
      expect((await fetch(`http://127.0.0.1:${proxy}/`, { headers })).status).toBe(204);
    }
    await watched.until('all four', () => new Set(counted(watched)).has(3));
    await watched.stop();
    const told = watched.all('ids').flatMap((event) => event.told);
    expect(told.length).toBeGreaterThan(0);
    for (const { status, tries } of told) {
      expect({ status, tries }).toEqual({
        status: 204,
        tries: [
          { status: 502, connected: false },
          { status: 204, connected: true },
        ],
      });
    }
  });
});
