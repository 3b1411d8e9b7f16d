import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { type Measured, measureRun } from '../e2e/measured-run.ts';
import { type Workplace, workplace } from '../e2e/run-cli.ts';
import { smallScenario, TRAFFIC, tell } from '../e2e/scenarios.ts';
import { type BothRecords, bothRecords, quantile, sorted, waitsFor } from './both-records.ts';

const TEST_MS = 120_000;
const RATE_PER_SEC = 200;
/** HdrHistogram with three significant digits; a value is at most this much of itself off. */
const PRECISION = 0.001;
/** Times are kept to the microsecond, and written to the report as thousandths of a millisecond. */
const RESOLUTION_MS = 0.002;
/** The middle of what lies between an answer leaving the server and the harness having read it. */
const USUAL_WAY_MS = 5;

let server: ToldServer;
let place: Workplace;
beforeEach(async () => {
  server = await startServer('latency-server.mjs');
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

interface Recovered extends BothRecords {
  latency: Measured['run']['latency'];
}

/** A distribution is whatever `delays` (ms, of every so many requests) and the step's command make of it. */
async function recover(delays: number[], ...commands: object[]): Promise<Recovered> {
  await server.ask({ do: 'delays', ms: delays });
  const run = commands.length === 0 ? 'true' : tell(server, ...commands);
  const url = `http://127.0.0.1:${server.port}`;
  const scenario = smallScenario({
    url,
    rate: `${RATE_PER_SEC}/s`,
    steps: [{ name: 'deploy', run, hold: '2s' }],
    traffic: {
      rate: `${RATE_PER_SEC}/s`,
      connections: { keepalive: '80%', fresh: '20%', pool: 10 },
      mix: [{ name: 'home', get: TRAFFIC, headers: { 'x-seq': '${seq}' } }],
    },
  });
  const measured = await measureRun(place, scenario);
  return { ...(await bothRecords(server, measured.dir, RATE_PER_SEC)), latency: measured.run.latency };
}

const QUANTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
  ['max', 1],
] as const;

/**
 * The record agrees with the server's request by request, and the report's quantiles are those of the record and, but
 * for the way back from the server, those of the server.
 */
function expectRecovered({ met, latency }: Recovered): void {
  for (const { seq, dueAt, recordedDueAt, sentAt, receivedAt, answeredAt, endedAt } of met) {
    expect([seq, Math.abs(recordedDueAt - dueAt) <= RESOLUTION_MS]).toEqual([seq, true]);
    expect([seq, sentAt <= receivedAt + RESOLUTION_MS]).toEqual([seq, true]);
    expect([seq, endedAt >= answeredAt - RESOLUTION_MS]).toEqual([seq, true]);
  }
  const ways = sorted(met.map(({ answeredAt, endedAt }) => endedAt - answeredAt));
  expect(quantile(ways, 0.5)).toBeLessThan(USUAL_WAY_MS);
  const ours = sorted(met.map(({ dueAt, endedAt }) => endedAt - dueAt));
  const theirs = sorted(met.map(({ dueAt, answeredAt }) => answeredAt - dueAt));
  const reported = latency as Record<string, number>;
  for (const [name, share] of QUANTILES) {
    const value = reported[name]!;
    expectBetween(name, value, quantile(ours, share), quantile(ours, share));
    expectBetween(name, value, quantile(theirs, share), quantile(theirs, share) + quantile(ways, 1));
  }
}

/** Between the two, give or take what the histogram may. */
function expectBetween(name: string, value: number, least: number, most: number): void {
  expect([name, value, value >= least * (1 - PRECISION) - RESOLUTION_MS]).toEqual([name, value, true]);
  expect([name, value, value <= most * (1 + PRECISION) + RESOLUTION_MS]).toEqual([name, value, true]);
}

describe('a known distribution of latencies is recovered', () => {
  it(
    'where every answer takes the same time',
    async () => {
      const recovered = await recover([20]);
      expectRecovered(recovered);
      // A timer may fire a fraction of its last millisecond early.
      for (const { dueAt, endedAt } of recovered.met) expect(endedAt - dueAt).toBeGreaterThan(19);
    },
    TEST_MS,
  );

  it(
    'where one answer in ten takes much longer',
    async () => {
      const recovered = await recover([5, 5, 5, 5, 5, 5, 5, 5, 5, 80]);
      expectRecovered(recovered);
      const slow = recovered.met.filter(({ dueAt, endedAt }) => endedAt - dueAt > 79).map(({ seq }) => seq);
      expect(slow).toEqual(expect.arrayContaining(recovered.met.map(({ seq }) => seq).filter((seq) => seq % 10 === 9)));
      expect(recovered.latency.p99).toBeGreaterThan(79);
    },
    TEST_MS,
  );

  it(
    'where the server pauses: everything that was due meanwhile waited for its end, though it was never sent late',
    async () => {
      const recovered = await recover([0], { do: 'pauses', forMs: 200, everyMs: 2000, times: 3 });
      expectRecovered(recovered);
      const { met, pauses, latency } = recovered;
      expect(pauses.length).toBe(3);
      for (const { beganAt, endedAt } of pauses) {
        const inside = met.filter(({ dueAt }) => dueAt >= beganAt && dueAt < endedAt);
        expect(Math.abs(inside.length - ((endedAt - beganAt) * RATE_PER_SEC) / 1000)).toBeLessThanOrEqual(1);
        for (const each of inside) expect(each.endedAt).toBeGreaterThan(endedAt);
      }
      const waits = sorted(waitsFor(recovered));
      expect(quantile(waits, 0.99)).toBeGreaterThan(100);
      for (const [name, share] of QUANTILES) {
        expect((latency as Record<string, number>)[name]).toBeGreaterThanOrEqual(
          quantile(waits, share) * (1 - PRECISION),
        );
      }
      // What the server itself saw, as a generator that waits for its answers would: nothing of the kind.
      const service = sorted(met.map(({ receivedAt, answeredAt }) => answeredAt - receivedAt));
      expect(quantile(service, 0.99)).toBeLessThan(quantile(waits, 0.99) / 2);
    },
    TEST_MS,
  );
});
