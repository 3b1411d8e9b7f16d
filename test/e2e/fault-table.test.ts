import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { startServer, type ToldServer } from '../apps/told-server.ts';
import { bothRecords, quantile, sorted, waitsFor } from '../calibration/both-records.ts';
import { expectConservation, inRunTime, type Measured, measureRun, samplesOf } from './measured-run.ts';
import { type Workplace, workplace } from './run-cli.ts';
import { occurred } from './run-json.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

/** Arrivals a second; every count below holds at any rate, this one makes the runs short. */
const RATE_PER_SEC = 1000;
/** Requests beside the traffic: each safe flow is asked once before it begins. */
const PREFLIGHT = 1;
/** Where lengths are compared, a run with a later send than this is measured again. */
const QUIET_MS = 25;

let place: Workplace;
beforeEach(() => {
  place = workplace();
});
afterEach(async () => {
  expect(await place.leave()).toEqual([]);
});

function scenario(url: string, steps: object[], rest: Partial<Parameters<typeof smallScenario>[0]> = {}): object {
  return smallScenario({ url, steps, rate: `${RATE_PER_SEC}/s`, keepalive: '90%', ...rest });
}

describe('the fault table over HTTP/1.1', () => {
  let server: FaultServer;
  beforeEach(async () => {
    server = await startFaultServer();
  });
  afterEach(() => server.stop());

  function measure(what: object, latestMs?: number): Promise<Measured> {
    return measureRun(place, what, latestMs);
  }

  interface Row {
    fault: string;
    as: string;
    every: number;
    times: number;
    hold?: string;
  }

  /** 50 of a known 5,000, and shorter ones. */
  const ROWS: Row[] = [
    { fault: 'rst', as: 'reset', every: 100, times: 50 },
    { fault: 'fin', as: 'closed', every: 100, times: 50 },
    { fault: 'truncated-fin', as: 'truncated', every: 20, times: 50 },
    { fault: 'truncated-chunked-rst', as: 'truncated', every: 20, times: 50 },
    { fault: 'garbage-bytes', as: 'protocol', every: 20, times: 50 },
    { fault: 'garbage-header', as: 'protocol', every: 20, times: 50 },
    { fault: 'hang', as: 'timeout', every: 20, times: 20, hold: '1s' },
    { fault: 'hang-in-body', as: 'timeout', every: 20, times: 20, hold: '1s' },
  ];

  it('counts every reset, close, cut, garbage and hang, as what it was and in the step in which it was', async () => {
    const steps = ROWS.map(({ fault, every, times, hold = '100ms' }) => ({
      name: fault,
      run: tell(server, { do: 'fault', fault, every, times, path: TRAFFIC }, { do: 'until', fault, total: times }),
      hold,
    }));
    const { code, run, dir } = await measure(scenario(server.url, steps, { timeout: '800ms' }));
    const counts = await server.counts();
    for (const { fault, as, times } of ROWS) {
      expect(counts.faults[fault]).toMatchObject({ total: times, abandoned: 0 });
      const phase = run.phases.find(({ name }) => name === fault)!;
      expect([fault, occurred(phase.byError)]).toEqual([fault, { [as]: times }]);
    }
    expect(occurred(run.totals.byError)).toEqual({ reset: 50, closed: 50, truncated: 100, protocol: 100, timeout: 40 });
    const served = Object.values(counts.faults);
    for (const kind of ['fresh', 'reused'] as const) {
      expect(run.totals.byConnection[kind].failed).toBe(served.reduce((sum, count) => sum + count[kind], 0));
    }
    expect(counts.requests.total).toBe(PREFLIGHT + sentOf(dir).length);
    expect(counts.ok).toBe(counts.requests.total - run.totals.failed);
    expectConservation(run, dir);
    expect([run.verdict, code]).toEqual(['downtime', 99]);
  });

  it('counts what an outage of 2 s cost: all that was sent and never received, and nothing else', async () => {
    const refusal = { do: 'refuse', forMs: 2000, established: 'close' };
    const steps = [{ name: 'restart', run: tell(server, refusal), hold: '1s' }];
    const { code, run, dir } = await measure(scenario(server.url, steps), QUIET_MS);
    const { requests, ok, windows } = await server.counts();
    const { startMs, endMs } = inRunTime(windows[0]!, dir);
    const sent = sentOf(dir);
    expect(ok).toBe(requests.total);
    expect(run.totals.failed).toBe(sent.length - (requests.total - PREFLIGHT));
    // Whatever began and ended while nobody listened failed; what else failed was on its way when the server went or
    // came back.
    const inside = sent.filter(({ sent_ms, ended_ms }) => Number(sent_ms) > startMs && Number(ended_ms) < endMs);
    expect(inside.length).toBeGreaterThan(1900);
    expect(inside.filter(({ outcome }) => outcome !== 'lost')).toEqual([]);
    const others = sent.filter((sample) => sample.outcome === 'lost' && !inside.includes(sample));
    expect(
      others.filter(({ sent_ms, ended_ms }) => Number(sent_ms) > endMs + 50 || Number(ended_ms) < startMs - 50),
    ).toEqual([]);
    const { refused = 0, reset = 0, closed = 0 } = run.totals.byError;
    expect(refused + reset + closed).toBe(run.totals.failed);
    // An answer that was read after the first loss ends an outage that has hardly begun.
    const longest = Math.max(...run.outages.map(({ durationMs }) => durationMs));
    expect([longest, within(longest, endMs - startMs, 0.05)]).toEqual([longest, true]);
    expectConservation(run, dir);
    expect([run.verdict, code]).toEqual(['downtime', 99]);
  });

  it('tells what only fresh connections meet from what only reused ones do', async () => {
    const killed = 50;
    const steps = [
      { name: 'refuse', run: tell(server, { do: 'refuse', forMs: 700 }), hold: '500ms' },
      {
        name: 'reset',
        run: tell(
          server,
          { do: 'fault', fault: 'rst', on: 'reused', every: 9, times: killed, path: TRAFFIC },
          { do: 'until', fault: 'rst', total: killed },
        ),
        hold: '300ms',
      },
    ];
    const { code, run, dir } = await measure(scenario(server.url, steps, { keepalive: '80%' }));
    const { requests, faults } = await server.counts();
    const sent = sentOf(dir);
    const turnedAway = sent.filter(({ connection }) => connection === 'fresh').length - (requests.fresh - PREFLIGHT);
    expect(turnedAway).toBeGreaterThan(100);
    expect(sent.filter(({ connection }) => connection === 'reused').length).toBe(requests.reused);
    expect(faults.rst).toMatchObject({ total: killed, fresh: 0, reused: killed });
    const [refusing, resetting] = ['refuse', 'reset'].map((name) => run.phases.find((phase) => phase.name === name)!);
    // What had connected and was not yet accepted when the server closed its listener was reset by the kernel.
    const { refused = 0, reset: notAccepted = 0, ...others } = occurred(refusing!.byError);
    expect(others).toEqual({});
    expect(refused + notAccepted).toBe(turnedAway);
    expect(refused).toBeGreaterThan(100);
    expect(occurred(resetting!.byError)).toEqual({ reset: killed });
    expect(run.totals.failed).toBe(turnedAway + killed);
    expect(run.totals.byConnection.fresh.failed).toBe(turnedAway);
    expect(run.totals.byConnection.reused.failed).toBe(killed);
    expectConservation(run, dir);
    expect([run.verdict, code]).toEqual(['downtime', 99]);
  });
});

describe('a stall of 1 s', () => {
  let server: ToldServer;
  beforeEach(async () => {
    server = await startServer('latency-server.mjs');
  });
  afterEach(() => server.stop());

  it('leaves the p99 that follows from the schedule and from when the server stopped and answered', async () => {
    const steps = [
      { name: 'stall', run: tell(server, { do: 'pauses', forMs: 1000, everyMs: 1000, times: 1 }), hold: '2s' },
    ];
    const traffic = {
      rate: `${RATE_PER_SEC}/s`,
      connections: { keepalive: '90%', fresh: '10%', pool: 50 },
      mix: [{ name: 'home', get: TRAFFIC, headers: { 'x-seq': '${seq}' } }],
    };
    const what = scenario(`http://127.0.0.1:${server.port}`, steps, { timeout: '5s', traffic });
    const { code, run, dir } = await measureRun(place, what, QUIET_MS);
    const both = await bothRecords(server, dir, RATE_PER_SEC);
    // By the stop alone, as if the server had then answered all at once; and by when it did answer.
    const least = quantile(sorted(waitsFor(both)), 0.99);
    const answered = quantile(sorted(both.met.map(({ dueAt, answeredAt }) => answeredAt - dueAt)), 0.99);
    expect(least).toBeGreaterThan(900);
    expect(run.latency.p99).toBeGreaterThanOrEqual(least * 0.999);
    expect([run.latency.p99, within(run.latency.p99, answered, 0.05)]).toEqual([run.latency.p99, true]);
    expect(run.totals).toMatchObject({ failed: 0, unsent: 0 });
    expect(run.stalls.length).toBe(1);
    expectConservation(run, dir);
    expect([run.verdict, code]).toEqual(['downtime', 99]);
  });
});

describe('the fault table over HTTP/2', () => {
  let server: ToldServer;
  beforeEach(async () => {
    server = await startServer('h2-fault-server.mjs');
  });
  afterEach(() => server.stop());

  interface Counts {
    requests: number;
    ok: number;
    faults: Record<string, number>;
  }

  it('counts the streams a GOAWAY leaves out, those refused and those reset, and none that is still answered', async () => {
    const times = 20;
    const steps = ['goaway', 'goaway-graceful', 'refused-stream', 'rst-stream'].map((fault) => ({
      name: fault,
      run: tell(
        server,
        { do: 'fault', fault, every: 40, times },
        { do: 'until', fault, total: times },
        { do: 'clear' },
      ),
      hold: '400ms',
    }));
    const url = `http://127.0.0.1:${server.port}`;
    const target = { url, timeout: '2s', protocol: 'h2' };
    const { code, run, dir } = await measureRun(place, scenario(url, steps, { target, keepalive: '100%' }));
    const counts = (await server.ask({ do: 'counts' })) as Counts;
    const { goaway = 0, 'goaway-graceful': graceful, ...others } = counts.faults;
    // A stream that was under way when the server said goodbye was left out as well, and counted.
    expect(goaway).toBeGreaterThanOrEqual(times);
    expect(graceful).toBe(times);
    expect(others).toEqual({ 'refused-stream': times, 'rst-stream': times });
    expect(occurred(run.totals.byError)).toEqual({ goaway, 'refused-stream': times, reset: times });
    expect(counts.requests).toBe(PREFLIGHT + sentOf(dir).length);
    expect(counts.ok).toBe(counts.requests - run.totals.failed);
    expectConservation(run, dir);
    expect([run.verdict, code]).toEqual(['downtime', 99]);
  });
});

function sentOf(dir: string): ReturnType<typeof samplesOf>['judged'] {
  const { judged, warmup } = samplesOf(dir);
  return [...warmup, ...judged].filter(({ sent_ms }) => sent_ms !== null);
}

function within(value: number, expected: number, share: number): boolean {
  return Math.abs(value - expected) <= expected * share;
}
