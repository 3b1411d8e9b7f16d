import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../src/platform/ports.ts';
import { listeningSockets } from './listeners.ts';
import { longestBlindness, longestGap, newRecord, startWitness, type Testimony } from './witness.ts';

/** Looks at one port, by time. */
function looks(...seen: [number, boolean][]): Testimony {
  const record = newRecord(1);
  // Where nothing else is said it is another socket at each look.
  for (const [at, listening] of seen) record.look(at, [listening === false ? [] : [`${listening} ${at}`]]);
  return record.testimony;
}

const gapOf = ({ ports: [seen = []] }: Testimony, from: number, to: number) => longestGap(seen, from, to);

describe('a gap', () => {
  it('lasts at least from the first look without a listener to the last, at most from and to the looks beside them', () => {
    const seen = looks([0, true], [10, true], [20, false], [30, false], [40, true]);
    expect(gapOf(seen, 0, 40)).toEqual({ atLeastMs: 10, atMostMs: 30 });
  });

  it('is none where somebody always listened', () => {
    expect(gapOf(looks([0, true], [10, true]), 0, 10)).toBeNull();
  });

  it('that a single look saw lasted no time at least', () => {
    expect(gapOf(looks([0, true], [10, false], [20, true]), 0, 20)).toEqual({ atLeastMs: 0, atMostMs: 20 });
  });

  it('counts inside the window alone', () => {
    const seen = looks([0, false], [100, true], [190, true], [200, false], [300, false]);
    expect(gapOf(seen, 110, 190)).toBeNull();
    expect(gapOf(seen, 50, 190)).toEqual({ atLeastMs: 0, atMostMs: 50 });
    expect(gapOf(seen, 110, 290)).toEqual({ atLeastMs: 90, atMostMs: 100 });
  });

  it('is the whole window where nobody ever listened', () => {
    expect(gapOf(looks([0, false], [10, false]), 0, 10)).toEqual({ atLeastMs: 10, atMostMs: 10 });
  });

  it('is the longest of several', () => {
    const seen = looks([0, true], [10, false], [20, true], [30, false], [40, false], [50, true]);
    expect(gapOf(seen, 0, 50)).toEqual({ atLeastMs: 10, atMostMs: 30 });
  });
});

describe('a witness that came late', () => {
  it('says for how long nobody looked', () => {
    const seen = looks([0, true], [10, true], [200, true], [210, true]);
    expect(longestBlindness(seen, 0, 0, 210)).toBe(190);
    expect(longestBlindness(seen, 0, 150, 210)).toBe(50);
    expect(longestBlindness(seen, 0, 200, 210)).toBe(0);
  });

  it('knows of a socket that was there before and after that it listened in between', () => {
    const record = newRecord(2);
    record.look(0, [['a', 'b'], ['c']]);
    record.look(500, [['b'], ['d']]);
    expect(record.testimony.blind).toEqual([[], [{ from: 0, to: 500 }]]);
  });
});

describe("the kernel's list", () => {
  it('is read up to the first connection', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:84C1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 493 1 0 100 0 0 10 0',
      '   1: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 0',
      '   2: 0100007F:A305 0100007F:9B62 06 00000000:00000000 03:000007DD 00000000     0        0 0 3 0',
      '   3: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 493 1 0 100 0 0 10 0',
      '',
    ].join('\n');
    expect([...listeningSockets(text)]).toEqual([
      [0x84c1, ['493']],
      [8080, ['']],
    ]);
    expect([...listeningSockets('  sl  local_address\n')]).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('the witness', () => {
  it.each(['127.0.0.1', '::'])('sees a listener of %s go and come back', async (host) => {
    const port = await freePort();
    let server = await listen(port, host);
    const witness = await startWitness(port - 1, 2);
    const from = Date.now();
    await delay(400);
    await close(server);
    await delay(300);
    server = await listen(port, host);
    await delay(100);
    const testimony = await witness.end();
    const to = Date.now();
    await close(server);
    const gap = longestGap(testimony.ports[1] ?? [], from, to);
    // On a busy machine it comes late, and says so.
    expect(gap?.atMostMs).toBeGreaterThanOrEqual(300);
    expect(gap?.atLeastMs).toBeGreaterThanOrEqual(300 - 2 * Math.max(30, longestBlindness(testimony, 1, from, to)));
    expect(longestGap(testimony.ports[0] ?? [], from, to)?.atLeastMs).toBeGreaterThanOrEqual(750);
    expect(await witness.end()).toBe(testimony);
  });
});

function listen(port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
