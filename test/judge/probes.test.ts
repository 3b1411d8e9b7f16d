import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { abortReasons, baselineFailures } from '../../src/judge/live.js';
import type { RunEvent } from '../../src/model/event.js';
import { PROBE_FAULTS, PROBES, type ProbeEvent, type ProbeName } from '../../src/model/probe.js';
import { METRICS, PROBE_FAULT_METRICS, type Threshold } from '../../src/model/threshold.js';
import {
  buildRun,
  DEFAULTS,
  type Fate,
  PHASES,
  REFUSED,
  type RunPlan,
  TIMEOUT,
  threshold,
} from '../record/build-run.js';

/** The reload of the made-up run. */
const RELOAD = { from: 9_000, to: 14_000 };

/** A probe that was ready in the baseline and ended in order. */
const working = (probe: ProbeName): ProbeEvent[] => [
  { type: 'probe-ready', at: 1_500, probe, detail: `what ${probe} does` },
  { type: 'probe-ended', at: 18_900, probe },
];

const fault = (probe: ProbeName, count: string, at: number, since = at - 100): ProbeEvent => ({
  type: 'probe-fault',
  ...{ at, probe, count, since, detail: `detail of ${count}` },
});

/** Nothing came, and it was waited for. */
const silent = (...of: Parameters<typeof fault>): ProbeEvent => ({ ...fault(...of), silent: true }) as ProbeEvent;

const failing = (probe: ProbeName, sentAt: number, at: number): ProbeEvent => ({
  type: 'probe-request',
  ...{ at, probe, name: 'GET /', sentAt, connection: 'fresh', ok: false, detail: 'refused', version: null },
});

const answered = (probe: ProbeName, sentAt: number, at: number): ProbeEvent => ({
  type: 'probe-request',
  ...{ at, probe, name: 'GET /', sentAt, connection: 'fresh', ok: true, detail: '200', version: null },
});

/** What the scenario's defaults are for a probe: breaches fail, risks warn. */
const defaultsOf = (probe: ProbeName): Threshold[] =>
  PROBE_FAULT_METRICS.filter((metric) => metric.probe === probe && metric.severity !== 'evidence').map(
    ({ metric, severity }) =>
      threshold(metric, {
        ...{ aggregate: 'count', expression: 'count==0', origin: 'default' },
        level: severity === 'breach' ? 'fail' : 'warn',
      }),
  );

const runWith = (probe: ProbeName, events: RunEvent[], more: RunPlan = {}) =>
  buildRun({
    probes: [probe],
    thresholds: [...DEFAULTS, ...defaultsOf(probe)],
    ...more,
    events: [...working(probe), ...(events ?? [])],
  });
const judged = (probe: ProbeName, events: RunEvent[], more: RunPlan = {}) => judge(runWith(probe, events, more));

/** Three requests of the reload, at 9.2, 9.4 and 9.6 s. */
const threeFail: Fate = ({ seq }) => (seq >= 460 && seq <= 480 && seq % 10 === 0 ? { outcome: REFUSED } : {});

const kinds = PROBES.flatMap((probe) => PROBE_FAULTS[probe].map((entry) => ({ probe, ...entry })));

describe('the metrics of probes', () => {
  it('are one for each fault in the table, and two times', () => {
    expect(PROBE_FAULT_METRICS).toHaveLength(kinds.length);
    expect(METRICS).toEqual(expect.arrayContaining(['idle_closed_unannounced', 'ledger_lost', 'websocket_reconnect']));
    expect(new Set(METRICS).size).toBe(METRICS.length);
  });
});

describe('a probe that found nothing', () => {
  it.each(PROBES)('%s leaves a good release what it is', (probe) => {
    const straddling = [answered(probe, 8_900, 9_100), answered(probe, 13_900, 14_100)];
    expect(judged(probe, straddling)).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
  });
});

describe('a breach after the baseline', () => {
  it.each(kinds.filter(({ severity }) => severity === 'breach'))('$probe $count is downtime', ({ probe, ...kind }) => {
    const straddling = [answered(probe, 8_900, 9_100), answered(probe, 13_900, 14_100)];
    const found = [fault(probe, kind.count, 9_500), fault(probe, kind.count, 9_600), fault(probe, kind.count, 15_000)];
    const judgement = judged(probe, [...straddling, ...found]);
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'fail', exitCode: 99, healthy: true });
    expect(judgement.headline).toContain(`3 ${kind.claim}: 2 in reload, 1 in rollback`);
    expect(judgement.headline).not.toContain('rolled back cleanly');
    expect(judgement.reasons).toContain(`3 ${kind.claim}: 2 in reload, 1 in rollback`);
    expect(judgement.findings.find(({ rule }) => rule === 'probe-breach')).toMatchObject({
      ...{ severity: 'breach', phase: 'reload' },
      evidence: expect.arrayContaining([expect.stringContaining(`detail of ${kind.count}`)]),
    });
    const { metric } = PROBE_FAULT_METRICS.find((entry) => entry.probe === probe && entry.count === kind.count) ?? {};
    const rows = judgement.thresholds.filter((row) => row.metric === metric);
    expect(rows.map(({ phase, actual, ok }) => [phase, actual, ok])).toEqual([
      ['run', 3, false],
      ['build', 0, true],
      ['migrate', 0, true],
      ['reload', 2, false],
      ['rollback', 1, false],
    ]);
  });

  it('is named in the headline where something was lost for good, else by its probe beside failures of the mix', () => {
    const events = [fault('ledger', 'failed', 9_400), fault('ledger', 'lost', 9_500)];
    const both = judged('ledger', events, { fate: threeFail }).headline;
    expect(both).toContain('3 of 650 requests failed, all in reload');
    expect(both).toContain('; 1 acknowledged writes were lost in reload; faults of the probe ledger');
    expect(judged('ledger', events).headline).toContain('1 writes or reads failed in reload');
  });

  it('is no pass where the thresholds let it through', () => {
    const judgement = judge(runWith('ledger', [fault('ledger', 'lost', 9_500)], { thresholds: DEFAULTS }));
    expect(judgement).toMatchObject({ verdict: 'downtime', gate: 'pass', exitCode: 0 });
    expect(judgement.headline).toMatch(/^Downtime within budget: 1 acknowledged writes were lost in reload/);
  });

  it("shows nothing where the probes' thread was not running for most of its time, which excuses nothing else", () => {
    const events: RunEvent[] = [
      silent('websocket', 'lost', 12_000, 10_000),
      { type: 'pause', of: 'probes', from: 10_100, at: 11_900 },
    ];
    const judgement = judged('websocket', events);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.thresholds.find(({ metric }) => metric === 'websocket_lost')?.ok).toBeNull();
    const stalled = judged('websocket', events, {
      fate: ({ dueAt }) => ({ latencyMs: dueAt >= 10_100 && dueAt < 11_900 ? 11_901 - dueAt : 1 }),
    });
    expect(stalled).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it("is not looked for where the probes' thread slept for half of their time-out", () => {
    const judgement = judged('websocket', [{ type: 'pause', of: 'probes', from: 10_100, at: 12_700 }]);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.harnessReasons[0]).toBe("the probes' thread stood still for 2.6 s");
  });

  it.each([
    ['a close of a kept connection', 'inconclusive', { idleMs: 1_000 }, 'probes'],
    ['one that was idle for much longer than that', 'downtime', { idleMs: 3_000 }, 'probes'],
    ['the close of a fresh one, or an answer', 'downtime', {}, 'probes'],
    ['a close of a kept connection while others slept', 'downtime', { idleMs: 1_000 }, undefined],
    ['a request that was cut long after it was sent', 'downtime', { idleMs: 1_000, at: 14_500 }, 'probes'],
    ['no connection for seconds', 'downtime', { silent: true, at: 17_500 }, 'probes'],
  ] as const)('beside a sleep before it was asked: %s is %s', (_, verdict, more, of) => {
    const lost = { ...fault('ledger', 'failed', 12_000, 11_999), ...more } as RunEvent;
    const pause: RunEvent = { type: 'pause', ...(of === undefined ? {} : { of }), from: 11_000, at: 11_998 };
    expect(judged('ledger', [pause, lost]).verdict).toBe(verdict);
  });

  it('stands beside a sleep while it was waited for where the other side spoke, and not where nothing came', () => {
    const pause: RunEvent = { type: 'pause', of: 'probes', from: 12_001, at: 12_075 };
    expect(judged('ledger', [pause, fault('ledger', 'failed', 12_076, 12_000)]).verdict).toBe('downtime');
    expect(judged('ledger', [pause, silent('ledger', 'failed', 12_076, 12_000)]).verdict).toBe('inconclusive');
  });

  it('is no close by an idle timeout where another connection was idle for longer, and was answered', () => {
    const borne = { ...answered('ledger', 8_000, 8_010), connection: 'reused', idleMs: 1_500 } as ProbeEvent;
    const lost = { ...fault('ledger', 'failed', 12_000, 11_999), idleMs: 1_000 } as ProbeEvent;
    const pause: RunEvent = { type: 'pause', of: 'probes', from: 11_000, at: 11_998 };
    expect(judged('ledger', [borne, pause, lost]).verdict).toBe('downtime');
  });

  it('stands where an answer proves it, however the harness slept', () => {
    const events: RunEvent[] = [fault('ledger', 'lost', 12_000, 10_000), { type: 'pause', from: 10_100, at: 11_900 }];
    expect(judged('ledger', events)).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });
});

describe('a risk', () => {
  const risks = kinds.filter(({ severity }) => severity === 'risk');
  it.each(risks)('$probe $count turns no verdict, and warns', ({ probe, count, claim }) => {
    // For `inflight`: one was under way all through the release.
    const long = {
      type: 'probe-request',
      at: 20_000,
      probe,
      name: 'GET /slow',
      sentAt: 100,
      connection: 'fresh',
    } as const;
    const judgement = judged(probe, [
      fault(probe, count, 9_500, 4_000),
      { ...long, ok: true, detail: '', version: null },
    ]);
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
    expect(judgement.findings).toMatchObject([{ severity: 'risk', phase: 'reload' }]);
    expect(judgement.findings[0]?.claim).toContain(claim.includes('idle') ? 'closed without notice' : claim);
    expect(judgement.reasons.some((reason) => reason.startsWith('warning: '))).toBe(true);
  });
});

describe('idle connections', () => {
  const closes = (at: number, idleMs: number, count = 50) =>
    Array.from({ length: count }, (_, i) => fault('idle', 'closedUnannounced', at + i, at + i - idleMs));
  const counts: RunEvent = {
    type: 'probe-counts',
    ...{ at: 8_000, probe: 'idle', counts: {}, gauges: { connections: 50 } },
  };

  it('closed at a reload are a risk, held against what live traffic lost', () => {
    const { findings } = judged('idle', [counts, ...closes(9_100, 7_900)], { fate: threeFail });
    expect(findings.find(({ rule }) => rule === 'idle-closed-unannounced')).toMatchObject({
      severity: 'risk',
      phase: 'reload',
      claim: '50 of 50 idle connections were closed without notice in reload; live traffic lost 3 requests.',
      evidence: expect.arrayContaining([expect.stringContaining('the baseline was shorter than that')]),
    });
  });

  it("closed at the age at which the baseline has them too are the server's own timeout", () => {
    const own = [...closes(4_500, 3_000), ...closes(8_000, 3_050), ...closes(11_500, 2_950)];
    const judgement = judged('idle', [counts, ...own]);
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', gate: 'pass' });
    expect(judgement.findings).toMatchObject([{ rule: 'idle-closed-unannounced', severity: 'note' }]);
    expect(judgement.findings[0]?.evidence[0]).toContain('50 in the baseline, 100 at the same age after it');
    expect(judgement.thresholds.filter(({ metric, ok }) => metric === 'idle_closed_unannounced' && !ok)).toEqual([]);
  });

  it("closed at the server's own age are so however many there are", () => {
    const own = [...closes(4_500, 3_000), ...closes(9_100, 3_050, 1_090), ...closes(11_500, 1_000, 3)];
    const judgement = judged('idle', [counts, ...own]);
    expect(judgement.findings[0]?.claim).toContain('3 of 50 idle connections were closed without notice in reload');
    const row = judgement.thresholds.find(
      ({ metric, phase }) => metric === 'idle_closed_unannounced' && phase === 'run',
    );
    expect(row).toMatchObject({ actual: 3, note: expect.stringContaining('without 1,090 closes') });
  });

  it('closed at another age than in the baseline are a risk all the same', () => {
    const { findings } = judged('idle', [counts, ...closes(4_500, 3_000), ...closes(9_100, 1_000)]);
    expect(findings.map(({ severity, phase }) => [severity, phase])).toEqual([
      ['risk', 'reload'],
      ['note', 'baseline'],
    ]);
  });
});

describe('the control', () => {
  const control = (sentAt: number, at: number) => [failing('control', sentAt, at), fault('control', 'failed', at)];

  it('that failed with all failures of the target makes the run inconclusive', () => {
    const judgement = judged('control', control(9_100, 9_150), { fate: threeFail });
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judgement.headline).toContain('all 3 failures came while the control endpoint failed too');
    expect(judgement.findings.find(({ rule }) => rule === 'control-failing')?.evidence).toContain(
      "3 of the target's 3 failures came within a second of them, and show nothing",
    );
  });

  it('that failed with some of them is a note, and the rest is downtime', () => {
    const fate: Fate = (a) => (a.seq === 600 ? { outcome: REFUSED } : threeFail(a));
    const judgement = judged('control', control(9_100, 9_150), { fate });
    expect(judgement).toMatchObject({ verdict: 'downtime', exitCode: 99 });
    expect(judgement.findings.find(({ rule }) => rule === 'control-failing')?.severity).toBe('note');
  });

  it('that failed for longer than its list is long is known to the end', () => {
    const failed = Array.from({ length: 900 }, (_, i) => control(9_000 + i * 5, 9_004 + i * 5)).flat();
    const fate: Fate = ({ seq }) => (seq === 650 ? { outcome: REFUSED } : {});
    expect(judged('control', failed, { fate })).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(judged('control', failed.slice(0, 1000), { fate })).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it('excuses nothing where it was sent again, as a browser does', () => {
    const events = [fault('control', 'retried', 9_150), answered('control', 9_151, 9_155)];
    expect(judged('control', events, { fate: threeFail })).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it.each([
    ['all', 'inconclusive', 13_500],
    ['all but the last, past the list', 'downtime', 11_000],
  ] as const)('explains more faults of a probe than are listed: %s', (_, verdict, until) => {
    const failed = Array.from({ length: 800 }, (_, i) => fault('websocket', 'lost', 9_000 + i * 5));
    const judgement = judge(
      buildRun({
        probes: ['websocket', 'control'],
        events: [...working('websocket'), ...working('control'), ...control(8_900, until), ...failed],
      }),
    );
    expect(judgement).toMatchObject({ verdict });
  });

  it('proves nothing of faults of which no more than their number is known', () => {
    const failed = Array.from({ length: 11_000 }, (_, i) => ({
      ...fault('ledger', 'failed', 9_500),
      idleMs: i * 100,
    })) as RunEvent[];
    const judgement = judge(
      buildRun({
        probes: ['ledger', 'control'],
        events: [...working('ledger'), ...working('control'), ...control(9_400, 9_600), ...failed],
      }),
    );
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
  });

  it('that failed at another time changes nothing', () => {
    expect(judged('control', control(12_000, 12_050), { fate: threeFail })).toMatchObject({ verdict: 'downtime' });
    expect(judged('control', control(12_000, 12_050))).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  });

  it('that hung beside the target explains its timeouts and its stall', () => {
    const fate: Fate = ({ dueAt }) =>
      dueAt >= 9_500 && dueAt < 11_500 ? { outcome: TIMEOUT, latencyMs: Math.max(1, 11_600 - dueAt) } : {};
    const judgement = judged('control', control(9_500, 11_550), { fate, timeoutMs: 100 });
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judged('control', [], { fate, timeoutMs: 100 })).toMatchObject({ verdict: 'downtime', exitCode: 99 });
  });

  it('explains the breach of another probe at the same time, and none that an answer proves', () => {
    const both = (probe: ProbeName, count: string) =>
      judge(
        buildRun({
          probes: [probe, 'control'],
          events: [...working(probe), ...working('control'), fault(probe, count, 9_500), ...control(9_300, 9_400)],
        }),
      );
    expect(both('websocket', 'lost')).toMatchObject({ verdict: 'inconclusive', exitCode: 98 });
    expect(both('session', 'lost')).toMatchObject({ verdict: 'downtime' });
  });

  it('explains more failures than are kept one by one', () => {
    const fate: Fate = ({ dueAt }) => (dueAt >= 9_000 && dueAt < 12_000 ? { outcome: REFUSED } : {});
    const run = (spans: [number, number]) =>
      judged('control', control(...spans), { fate, ratePerSec: 1000, thresholds: DEFAULTS });
    expect(run([8_900, 12_100])).toMatchObject({ verdict: 'inconclusive' });
    expect(run([8_900, 9_500])).toMatchObject({ verdict: 'downtime' });
  });
});

describe('the twin', () => {
  const requests = Array.from({ length: 30 }, (_, i) => answered('twin', 2_000 + i * 500, 2_005 + i * 500));
  const claimOf = (events: RunEvent[]) =>
    judged('twin', events, { fate: threeFail }).findings.find(({ rule }) => rule === 'twin-comparison')?.claim;

  it('that answered points at the proxy, and that failed too at the app', () => {
    expect(claimOf(requests)).toContain('it is the proxy');
    expect(claimOf([...requests, failing('twin', 9_250, 9_255)])).toContain('it is the app');
  });

  it('says nothing where it was asked too seldom, and nothing of a good release', () => {
    expect(claimOf(requests.slice(0, 2))).toBeUndefined();
    expect(judged('twin', requests).findings).toEqual([]);
  });
});

describe('a run is inconclusive', () => {
  it('where a probe never worked', () => {
    const judgement = judge(buildRun({ probes: ['websocket'], events: [failing('websocket', 2_000, 2_010)] }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toBe('the probe websocket never worked: refused');
  });

  it('where it only worked once the first step had begun', () => {
    const [, ended] = working('sse');
    const events: RunEvent[] = [
      { type: 'probe-ready', at: 7_000, probe: 'sse', detail: '' },
      ...(ended === undefined ? [] : [ended]),
    ];
    expect(judge(buildRun({ probes: ['sse'], events })).headline).toContain('worked from 7.0 s of the run on');
  });

  it('where it did not end in order', () => {
    const judgement = judge(buildRun({ probes: ['ledger'], events: working('ledger').slice(0, 1) }));
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: false });
    expect(judgement.reasons[0]).toBe('the probe ledger did not end in order');
  });

  it('where no long request was in flight when a switching step began', () => {
    const judgement = judged('inflight', [answered('inflight', 8_900, 9_100)]);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', exitCode: 98, healthy: true });
    expect(judgement.reasons[0]).toBe('no long request was in flight when rollback began');
    expect(judged('inflight', []).reasons[0]).toBe('no long request was in flight when reload, rollback began');
  });

  it.each([
    ['ledger', 'unread', '3 acknowledged writes were not read back at the end'],
    ['ledger', 'unlisted', '3 acknowledged writes never stood in the list'],
    ['upload', 'blocked', '3 requests of the probe upload were answered by a rate limiter'],
    ['session', 'unsent', '3 requests of the probe session were not sent'],
  ] as const)('where %s has %s ones', (probe, key, reason) => {
    const counts: RunEvent = { type: 'probe-counts', at: 17_000, probe, counts: { [key]: 3 }, gauges: {} };
    const judgement = judged(probe, [counts]);
    expect(judgement).toMatchObject({ verdict: 'inconclusive', gate: 'inconclusive', exitCode: 98 });
    expect(judgement.reasons[0]).toContain(reason);
  });

  it('and failed users beat each of these', () => {
    expect(judge(buildRun({ probes: ['sse'], fate: threeFail }))).toMatchObject({ verdict: 'downtime' });
  });
});

describe('a threshold on a probe', () => {
  const row = (thresholds: Threshold[], events: RunEvent[], probes: ProbeName[] = ['websocket']) =>
    judge(buildRun({ thresholds, probes, events: [...working('websocket'), ...events] })).thresholds;
  const reconnect = threshold('websocket_reconnect', { comparison: '<', value: 1000, expression: 'max<1000' });
  const again = (at: number, ms: number): ProbeEvent => ({
    type: 'probe-time',
    ...{ at, probe: 'websocket', name: 'reconnect', ms },
  });

  it('measures how long it took to be connected again', () => {
    expect(row([reconnect], [again(9_500, 400), again(10_000, 1_200)])[0]).toMatchObject({ actual: 1_200, ok: false });
    expect(row([reconnect], [again(2_000, 5_000)])[0]).toMatchObject({ actual: 0, ok: true });
    const avg = { ...reconnect, aggregate: 'avg', expression: 'avg<1000' } as const;
    expect(row([avg], [again(9_500, 400), again(10_000, 1_200)])[0]).toMatchObject({ actual: 800, ok: true });
  });

  it('of a probe that the scenario does not have is left out as a default, and inconclusive as a wish', () => {
    const none = (origin: Threshold['origin']) =>
      judge(buildRun({ thresholds: [threshold('sse_lost', { aggregate: 'count', origin })] }));
    expect(none('default')).toMatchObject({ thresholds: [], exitCode: 0 });
    expect(none('user')).toMatchObject({ gate: 'inconclusive', exitCode: 98 });
  });

  it('on lost events says nothing where their ids do not tell', () => {
    const figures: RunEvent = {
      type: 'probe-counts',
      ...{ at: 17_000, probe: 'sse', counts: {}, gauges: { idsConsecutive: 0 } },
    };
    expect(judged('sse', [figures])).toMatchObject({ verdict: 'zero-downtime', gate: 'pass', exitCode: 0 });
    const lost = threshold('sse_lost', { aggregate: 'count', expression: 'count==0' });
    const asked = judged('sse', [figures], { thresholds: [lost] });
    expect(asked).toMatchObject({ gate: 'inconclusive', exitCode: 98 });
    expect(asked.thresholds[0]?.note).toContain('a lost one cannot be seen');
  });

  it('cannot be narrowed down to a flow', () => {
    const flow = threshold('websocket_lost', { aggregate: 'count', selector: { flow: 'home' } });
    expect(row([flow], [])[0]?.ok).toBeNull();
  });

  it('with abortOnFail is a reason to abort', () => {
    const abort = threshold('websocket_lost', { aggregate: 'count', expression: 'count==0', abortOnFail: true });
    const run = runWith('websocket', [fault('websocket', 'lost', 9_500)], { thresholds: [abort] });
    expect(abortReasons(run)).toEqual(['websocket_lost is 1, and the threshold is count==0']);
  });
});

describe('the baseline does not hold', () => {
  const reasons = (probe: ProbeName, events: RunEvent[]) =>
    baselineFailures(
      buildRun({ phases: PHASES.slice(0, 2), probes: [probe], thresholds: defaultsOf(probe), events, end: null }),
    );

  it('where a probe found a breach, or never worked', () => {
    const [ready] = working('ledger') as [ProbeEvent];
    expect(reasons('ledger', [ready])).toEqual([]);
    expect(reasons('ledger', [ready, fault('ledger', 'failed', 3_000)])).toEqual([
      'ledger_failed in baseline is 1, and the threshold is count==0',
    ]);
    expect(reasons('ledger', [failing('ledger', 2_000, 2_010)])).toEqual(['the probe ledger never worked: refused']);
  });

  it('but it does where the server closed idle connections by its own timeout', () => {
    const [ready] = working('idle') as [ProbeEvent];
    expect(reasons('idle', [ready, fault('idle', 'closedUnannounced', 4_000, 2_000)])).toEqual([]);
  });
});

it('the reload of these tests is where it is said to be', () => {
  const phase = buildRun().phases.find(({ name }) => name === 'reload');
  expect({ from: phase?.startAt, to: phase?.endAt }).toEqual(RELOAD);
});
