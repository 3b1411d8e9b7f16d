import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { expectConservation, inRunTime, type Measured, measureRun, samplesOf } from './measured-run.ts';
import { type Workplace, workplace } from './run-cli.ts';
import { occurred } from './run-json.ts';
import { smallScenario, TRAFFIC, tell } from './scenarios.ts';

let server: FaultServer;
let place: Workplace;
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

function measure(scenario: object): Promise<Measured> {
  return measureRun(place, scenario);
}

/** Two intervals at 50/s. */
const OUTAGE_TOLERANCE_MS = 40;
const STALL_TOLERANCE_MS = 60;

/** Requests beside the traffic: each safe flow is asked once before it begins. */
const PREFLIGHT = 1;

interface Served {
  fault: string;
  as: string;
  options?: object;
}

const FAULTS: Served[] = [
  { fault: 'rst', as: 'reset' },
  { fault: 'fin', as: 'closed' },
  { fault: 'truncated-fin', as: 'truncated' },
  { fault: 'truncated-rst', as: 'truncated' },
  { fault: 'truncated-chunked-fin', as: 'truncated' },
  { fault: 'truncated-chunked-rst', as: 'truncated' },
  { fault: 'truncated-head', as: 'truncated' },
  { fault: 'garbage-bytes', as: 'protocol' },
  { fault: 'garbage-status', as: 'protocol' },
  { fault: 'garbage-header', as: 'protocol' },
  { fault: 'extra-bytes', as: 'protocol' },
  { fault: 'endless-headers', as: 'protocol' },
  { fault: 'status', as: 'unexpected-status', options: { status: 503 } },
  { fault: 'wrong-body', as: 'expectation' },
  { fault: 'wrong-header', as: 'expectation' },
  { fault: 'hang', as: 'timeout' },
  { fault: 'hang-in-body', as: 'timeout' },
];

describe('the counts of a run', () => {
  it('equal those of the server for every fault, in total and by step', async () => {
    const times = 5;
    const steps = FAULTS.map(({ fault, options }) => ({
      name: fault,
      run: tell(
        server,
        { do: 'fault', fault, every: 2, times, path: TRAFFIC, ...options },
        { do: 'until', fault, total: times },
      ),
      // A request that hangs is counted where its time ran out: give it that time.
      hold: fault.startsWith('hang') ? '700ms' : '100ms',
    }));
    const scenario = smallScenario({ url: server.url, steps, rate: '100/s', timeout: '500ms' });
    const mix = [
      {
        name: 'home',
        get: TRAFFIC,
        expect: { status: 200, body: { contains: '"ok":true' }, header: { 'content-type': '/json/' } },
      },
    ];
    const traffic = { ...(scenario as { traffic: object }).traffic, mix };
    const { code, run, dir, stderr } = await measure({ ...scenario, traffic });
    expect(stderr).not.toContain('zdd-verify itself:');
    const counts = await server.counts();
    const wanted: Record<string, number> = {};
    for (const { fault, as } of FAULTS) {
      expect(counts.faults[fault]).toMatchObject({ total: times, abandoned: 0 });
      wanted[as] = (wanted[as] ?? 0) + times;
    }
    expect(occurred(run.totals.byError)).toEqual(wanted);
    for (const { fault, as } of FAULTS) {
      const phase = run.phases.find(({ name }) => name === fault)!;
      expect([fault, occurred(phase.byError)]).toEqual([fault, { [as]: times }]);
    }
    expectConservation(run, dir);
    const served = Object.values(counts.faults);
    expect(run.totals.byConnection.fresh.failed).toBe(served.reduce((total, { fresh }) => total + fresh, 0));
    expect(run.totals.byConnection.reused.failed).toBe(served.reduce((total, { reused }) => total + reused, 0));
    expect(run).toMatchObject({ verdict: 'downtime', release: 'completed', gate: 'fail' });
    expect(code).toBe(99);
  });

  it('equal what the server received, by connection, where nothing fails', async () => {
    const steps = [{ name: 'deploy', run: 'true', hold: '1s' }];
    const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, rate: '100/s' }));
    const { requests, ok, faults } = await server.counts();
    const { judged, warmup } = samplesOf(dir);
    const kinds = (kind: string): number => judged.filter(({ connection }) => connection === kind).length;
    expect(requests.total).toBe(PREFLIGHT + warmup.length + judged.length);
    expect(ok).toBe(requests.total);
    expect(run.totals.requests).toBe(judged.length);
    expect(run.totals.ok).toBe(judged.length);
    expect(run.totals.byConnection.fresh.requests).toBe(kinds('fresh'));
    expect(run.totals.byConnection.reused.requests).toBe(kinds('reused'));
    expect(requests.reused).toBe([...warmup, ...judged].filter(({ connection }) => connection === 'reused').length);
    expect(run.totals.byStatus).toEqual({ 200: run.totals.requests });
    expect(faults).toEqual({});
    expectConservation(run, dir);
    expect(run).toMatchObject({
      verdict: 'zero-downtime',
      release: 'completed',
      gate: 'pass',
      outages: [],
      stalls: [],
    });
    expect(code).toBe(0);
  });

  it.each(['fresh', 'reused'] as const)('tell faults of %s connections from the others', async (on) => {
    const steps = [
      {
        name: 'deploy',
        run: tell(
          server,
          { do: 'fault', fault: 'rst', on, every: 3, times: 8, path: TRAFFIC },
          { do: 'until', fault: 'rst', total: 8 },
        ),
        hold: '200ms',
      },
    ];
    const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, rate: '100/s' }));
    const other = on === 'fresh' ? 'reused' : 'fresh';
    expect((await server.counts()).faults.rst).toMatchObject({ total: 8, [on]: 8 });
    expect(run.totals.byConnection[on].failed).toBe(8);
    expect(run.totals.byConnection[other].failed).toBe(0);
    expectConservation(run, dir);
    expect(code).toBe(99);
  });

  it('take as refused what was sent and never received', async () => {
    const steps = [{ name: 'restart', run: tell(server, { do: 'refuse', forMs: 700 }), hold: '500ms' }];
    const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, rate: '100/s', keepalive: '0%' }));
    const { requests } = await server.counts();
    const { judged, warmup } = samplesOf(dir);
    const sent = [...warmup, ...judged].filter(({ sent_ms }) => sent_ms !== null).length;
    const { refused } = run.totals.byError;
    expect(refused).toBe(sent - (requests.total - PREFLIGHT));
    expect(refused).toBeGreaterThan(60);
    expect(occurred(run.totals.byError)).toEqual({ refused });
    expectConservation(run, dir);
    expect(code).toBe(99);
  });

  it('take a loss on a reused connection as retryable for a browser, and as no failure', async () => {
    const steps = [
      {
        name: 'deploy',
        run: tell(
          server,
          { do: 'fault', fault: 'fin', on: 'reused', every: 3, times: 8, path: TRAFFIC },
          { do: 'until', fault: 'fin', total: 8 },
        ),
        hold: '200ms',
      },
    ];
    const scenario = smallScenario({ url: server.url, steps, rate: '100/s' }) as { traffic: object };
    const { code, run, dir } = await measure({ ...scenario, traffic: { ...scenario.traffic, client: 'browser' } });
    expect(run.totals).toMatchObject({ failed: 0, retryable: 8 });
    expectConservation(run, dir);
    expect(run.verdict).toBe('zero-downtime');
    expect(code).toBe(0);
  });
});

describe('the length', () => {
  it('of an outage is that of the refusal at the server', async () => {
    const refusal = { do: 'refuse', forMs: 700, established: 'reset' };
    const steps = [{ name: 'restart', run: tell(server, refusal), hold: '1s' }];
    const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, keepalive: '80%' }));
    const window = inRunTime((await server.counts()).windows[0]!, dir);
    expect(run.outages.length).toBe(1);
    const [outage] = run.outages;
    expect(outage).toMatchObject({ kind: 'hard', phase: 'restart', streams: ['home'], failed: run.totals.failed });
    expect(Math.abs(outage!.durationMs - (window.endMs - window.startMs))).toBeLessThanOrEqual(OUTAGE_TOLERANCE_MS);
    expect(Math.abs(outage!.startMs - window.startMs)).toBeLessThanOrEqual(OUTAGE_TOLERANCE_MS);
    expect(Math.abs(outage!.endMs - window.endMs)).toBeLessThanOrEqual(OUTAGE_TOLERANCE_MS);
    expect(occurred(run.totals.byError)).toEqual({ refused: run.totals.failed });
    expectConservation(run, dir);
    expect(code).toBe(99);
  });

  it('of an outage that spares established connections lies within the refusal, as refused and fresh alone', async () => {
    const steps = [{ name: 'restart', run: tell(server, { do: 'refuse', forMs: 700 }), hold: '1s' }];
    const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, keepalive: '50%' }));
    const window = inRunTime((await server.counts()).windows[0]!, dir);
    for (const { startMs, endMs } of run.outages) {
      expect(startMs).toBeGreaterThanOrEqual(window.startMs - 1);
      expect(endMs).toBeLessThanOrEqual(window.endMs + OUTAGE_TOLERANCE_MS);
    }
    expect(run.totals.failed).toBeGreaterThan(10);
    expect(occurred(run.totals.byError)).toEqual({ refused: run.totals.failed });
    expect(run.totals.byConnection.reused.failed).toBe(0);
    expectConservation(run, dir);
    expect(code).toBe(99);
  });

  it.each(['stall', 'freeze'] as const)(
    'of a stall and the maximum latency are those of the %s at the server',
    async (kind) => {
      const steps = [{ name: 'migrate', run: tell(server, { do: kind, forMs: 1300 }), hold: '1s' }];
      const { code, run, dir } = await measure(smallScenario({ url: server.url, steps, timeout: '5s' }));
      const window = inRunTime((await server.counts()).windows[0]!, dir);
      const lengthMs = window.endMs - window.startMs;
      expect(run.stalls.length).toBe(1);
      const [stall] = run.stalls;
      expect(stall).toMatchObject({ phase: 'migrate', streams: ['home'] });
      expect(Math.abs(stall!.durationMs - lengthMs)).toBeLessThanOrEqual(STALL_TOLERANCE_MS);
      expect(Math.abs(stall!.startMs - window.startMs)).toBeLessThanOrEqual(STALL_TOLERANCE_MS);
      expect(Math.abs(run.latency.max - lengthMs)).toBeLessThanOrEqual(STALL_TOLERANCE_MS);
      expect(run.totals).toMatchObject({ failed: 0, unsent: 0 });
      expect(run.verdict).toBe('downtime');
      expectConservation(run, dir);
      expect(code).toBe(99);
    },
  );

  it('of a stall below the limit is listed and fails nothing', async () => {
    const steps = [{ name: 'migrate', run: tell(server, { do: 'stall', forMs: 700 }), hold: '1s' }];
    const { code, run } = await measure(smallScenario({ url: server.url, steps, timeout: '5s' }));
    expect(run.stalls.length).toBe(1);
    expect(run.verdict).toBe('zero-downtime');
    expect(code).toBe(0);
  });
});

describe('the versions', () => {
  it('are read from the answers, and must change and come back', async () => {
    const target = { url: server.url, timeout: '2s', version: { header: 'x-release' } };
    const scenario = smallScenario({
      url: server.url,
      target,
      steps: [{ name: 'switch', run: tell(server, { do: 'version', value: 'v2' }), ready: readyOn('v2'), hold: '1s' }],
      rollback: [
        { name: 'rollback', run: tell(server, { do: 'version', value: 'v1' }), ready: readyOn('v1'), hold: '1s' },
      ],
      rehearsal: 'rollback',
    });
    const { code, run, dir } = await measure(scenario);
    expect(run.versions.map(({ version }) => version)).toEqual(['v1', 'v2']);
    expect(run.versions.reduce((total, { requests }) => total + requests, 0)).toBe(run.totals.requests);
    expect(run).toMatchObject({ verdict: 'zero-downtime', release: 'completed', servesNow: 'v1' });
    expectConservation(run, dir);
    expect(code).toBe(0);
  });

  it('that never change prove nothing', async () => {
    const target = { url: server.url, timeout: '2s', version: { header: 'x-release' } };
    const steps = [{ name: 'switch', run: 'true', hold: '1s' }];
    const { code, run } = await measure(smallScenario({ url: server.url, target, steps }));
    expect(run).toMatchObject({ verdict: 'inconclusive', release: 'completed' });
    expect(code).toBe(98);
  });
});

function readyOn(version: string): object {
  return { get: '/healthz', expect: { header: { 'x-release': version } }, consecutive: 3, within: '5s' };
}
