import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceOf } from '../../src/judge/advice.js';
import { measure } from '../../src/judge/measure.js';
import type { Advice, MeasuredAdvice } from '../../src/model/advice.js';
import type { RunEvent } from '../../src/model/event.js';
import { adviceJson } from '../../src/report/advice-json.js';
import { adviceSection } from '../../src/report/html/advice.js';
import type { View } from '../../src/report/html/view.js';
import { buildRun, DEFAULTS, PHASES, type RunPlan } from '../record/build-run.js';
import { blind, life, sees, state, watchHeader } from '../record/observations.js';
import { HOSTILE } from '../report/hostile.ts';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000 (ready at 9500), rollback -19000.

const OWN_WORKERS: RunEvent[] = [
  sees(0),
  ...[11, 12].flatMap((pid) => life(pid, -900, 10_450)),
  ...[21, 22].flatMap((pid) => life(pid, 8_200, 15_500)),
  ...life(31, 14_300, null),
];

/** A run of the system that its name says; v2 answers in the reload. */
function advised(name: string, plan: RunPlan = {}, commands: Record<string, string> = {}): MeasuredAdvice {
  const run = buildRun(plan);
  run.header.scenario.name = name;
  for (const phase of run.phases) phase.command = commands[phase.name] ?? phase.command;
  return adviceOf(measure(run));
}

function settings(name: string, plan: RunPlan = {}, commands: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(advised(name, plan, commands).advice.map(({ setting, line }) => [setting, line]));
}

/** One slow request of a baseline that is long enough for it. */
const slow = (ms: number): RunPlan => ({
  ratePerSec: 5,
  phases: PHASES.map((phase) => (phase.name === 'baseline' ? { ...phase, ms: 70_000 } : phase)),
  fate: ({ seq }) => (seq === 10 ? { latencyMs: ms } : {}),
});

describe('settings by measurement', () => {
  it('say nothing for systems that are not in use', () => {
    expect(advised('shop').advice).toEqual([]);
  });

  it('say nothing of what was not measured', () => {
    const { times, advice } = advised('kubernetes nginx pm2 postgres', {
      fate: () => ({ skip: true }),
      phases: PHASES.slice(0, 3),
    });
    expect(Object.values(times)).toEqual([null, null, null, null, null, null, null]);
    expect(advice).toEqual([]);
  });

  it('leave a default that is enough, and raise one that is too short by the longest request', () => {
    expect(settings('gunicorn', slow(4000))).toEqual({ graceful_timeout: 'graceful_timeout = 30' });
    const [long] = advised('gunicorn', slow(24_000)).advice as [Advice];
    expect(long).toMatchObject({ line: 'graceful_timeout = 36', value: 36, note: 'The default of 30 s is too short.' });
    expect(long.formula).toBe('ceil(1.5 x 24.0 s)');
    expect(long.measured).toEqual(['longest request: the longest of 350 requests of the baseline, 24.0 s']);
  });

  it('take the longest request from the probe inflight where that is longer', () => {
    const ready: RunEvent[] = [
      { type: 'probe-ready', at: 900, probe: 'inflight', detail: 'GET /slow every 500 ms, each takes 8000 ms' },
    ];
    const [docker] = advised('docker', { probes: ['inflight'], events: ready }).advice;
    expect(docker).toMatchObject({ line: 'stop_grace_period: 12s', formula: 'ceil(1.5 x 8.0 s)' });
  });

  it('give PM2 the times of boot and drain in milliseconds', () => {
    const fate: RunPlan['fate'] = ({ seq }) => (seq === 60 ? { latencyMs: 2010 } : {});
    const plan = { fate, watch: [watchHeader('processes', 'pm2 app')], events: OWN_WORKERS };
    const { times, advice } = advised('pm2', plan);
    // Workers began at 8.2 s, v2 first answered at 9.001 s.
    expect(times.boot).toEqual({ ms: 801, from: 'process 21 began at 8.2 s, v2 first answered at 9.0 s' });
    expect(advice.map(({ line }) => line)).toEqual(['kill_timeout: 3100,', 'listen_timeout: 3000,']);
    expect(advice[1]?.formula).toBe('the larger of the default, 3000 ms, and ceil(2 x 801 ms) to 100 ms');
  });

  it('take the boot from readiness where nothing else shows it', () => {
    const { times } = advised('pm2', { fate: () => ({ version: null }) });
    const from = 'at most: reload was ready 499 ms after its command began, and the boot is a part of that';
    expect(times.boot).toEqual({ ms: 499, from });
  });

  /** Pods are replaced one after the other; each leaves the rotation 300 ms after its deletion began. v1 answers until a time. */
  const rolled = (until: number, more: RunEvent[] = []): RunPlan => {
    const routed = 'ready, in rotation (shop)';
    const pods = ['a', 'b', 'c'].flatMap((pod, index): [number, string, string][] => {
      const toldAt = 9_500 + 1500 * index;
      return [
        [100, `pod shop-1-${pod}`, routed],
        [toldAt - 100, `pod shop-2-${pod}`, routed],
        [toldAt, `pod shop-1-${pod}`, `being deleted, ${routed}`],
        [toldAt + 300, `pod shop-1-${pod}`, 'being deleted, ready'],
        [toldAt + 800, `pod shop-1-${pod}`, 'being deleted'],
      ];
    });
    return {
      watch: [watchHeader('kubernetes', 'web')],
      events: [sees(0), ...pods.toSorted(([a], [b]) => a - b).map((each) => state(...each)), ...more],
      fate: ({ seq, dueAt }) => ({
        ...(dueAt >= 9_000 && dueAt < until && seq % 4 === 0 ? { version: 'v1' } : {}),
        ...(seq === 60 ? { latencyMs: 4000 } : {}),
      }),
    };
  };

  it('let Kubernetes wait from the deletion of a pod on until no request comes, and then for the longest request', () => {
    const left = advised('kubectl rollout', rolled(12_400));
    expect(left.times.oldAnswers).toEqual({
      ms: 300,
      from: '3 pods left the rotation up to 300 ms after their deletion began',
    });
    expect(left.advice.map(({ line }) => line)).toEqual([
      'lifecycle: { preStop: { sleep: { seconds: 1 } } }',
      'terminationGracePeriodSeconds: 30',
    ]);
    expect(left.advice[1]?.note).toBe('The default is enough; nothing under 7 s would be.');
    const answered = advised('kubectl rollout', rolled(13_850));
    expect(answered.times.oldAnswers).toEqual({
      ms: 1400,
      from: 'the old release last answered 1.4 s after the deletion of its last pod began (to 100 ms)',
    });
    expect(answered.advice[0]?.line).toBe('lifecycle: { preStop: { sleep: { seconds: 3 } } }');
  });

  it('name no `preStop` where no pods were watched, or not all the time: a rollout lasts as long as its pods boot', () => {
    expect(settings('kubectl rollout', { ...rolled(12_300), watch: [], events: [] })).toEqual({});
    const lost = rolled(12_300, [blind(13_000, 'no answer'), sees(13_200)]);
    expect(settings('kubectl rollout', lost)).toEqual({});
  });

  it('take the last answer of the old release from the start of a step that was over at once, and of no longer one', () => {
    const late: RunPlan = {
      fate: ({ seq, dueAt }) => (dueAt >= 9_000 && dueAt < 12_300 && seq % 4 === 0 ? { version: 'v1' } : {}),
    };
    const from = 'the old release last answered 3.3 s after reload began (to 100 ms)';
    expect(advised('shop', late).times.oldAnswers).toEqual({ ms: 3300, from });
    const waited = PHASES.map((phase) => (phase.name === 'reload' ? { ...phase, readyAfterMs: 2500 } : phase));
    expect(advised('shop', { ...late, phases: waited }).times.oldAnswers).toBeNull();
    const long = PHASES.map((phase) => (phase.name === 'reload' ? { ...phase, ms: 50_000 } : phase));
    expect(advised('shop', { ...late, phases: long }).times.oldAnswers).toBeNull();
  });

  it('do not say how long the old release lasts where it answered to the end', () => {
    const sticky: RunPlan = { fate: ({ seq, dueAt }) => (dueAt >= 9_000 && seq % 4 === 0 ? { version: 'v1' } : {}) };
    expect(advised('shop', sticky).times.oldAnswers).toBeNull();
  });

  it('name the deregistration delay where the commands speak of a load balancer', () => {
    const commands = { reload: 'aws elbv2 deregister-targets --target-group-arn x' };
    const { 'deregistration delay': line } = settings('shop', slow(4000), commands);
    expect(line).toBe('deregistration_delay.timeout_seconds=6');
    expect(settings('shop', slow(4000))).toEqual({});
  });

  it('go by idle ages: those the release closed, and those of the own idle timeout', () => {
    const close = (at: number, since: number): RunEvent => ({
      ...{ type: 'probe-fault', at, since, probe: 'idle', count: 'closedUnannounced', detail: 'FIN' },
    });
    const ready: RunEvent = { type: 'probe-ready', at: 900, probe: 'idle', detail: '5 idle connections' };
    const reset = advised('nginx', { probes: ['idle'], events: [ready, close(9_400, 1_200), close(9_401, 3_000)] });
    expect(reset.advice.map(({ line }) => line)).toEqual(['keepalive_min_timeout 9s;']);
    expect(reset.advice[0]?.measured).toEqual(['the release closed 2 connections that were idle for 6.4 s to 8.2 s']);
    const own = advised('node', { probes: ['idle'], events: [ready, close(5_900, 900), close(10_500, 5_500)] });
    expect(own.times.idleAtReset).toBeNull();
    expect(own.advice.map(({ line }) => line)).toEqual(['keepalive_timeout 4s;']);
    expect(own.advice[0]?.note).toContain('server.keepAliveTimeout');
  });

  it('give up waiting for a lock before users notice, where requests waited in a migration', () => {
    const stalled: RunPlan = {
      thresholds: DEFAULTS,
      fate: ({ dueAt }) => (dueAt >= 7_200 && dueAt < 8_700 ? { latencyMs: 8_700 - dueAt } : {}),
    };
    const [lock] = advised('psql', stalled).advice;
    expect(lock).toMatchObject({
      ...{ line: "SET lock_timeout = '500ms';", value: 500, unit: 'ms' },
      formula: 'half of the stall limit, 1.0 s',
    });
    expect(lock?.measured[0]).toMatch(/^home waited for 1\.5 s in migrate$/);
    expect(settings('psql')).toEqual({});
  });

  it('never give less than the longest request takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60_000 }), (ms) => {
        for (const { value, unit, setting } of advised('gunicorn pm2 docker systemd uvicorn haproxy', slow(ms)).advice)
          if (setting === 'listen_timeout') continue;
          else if (unit === 's') expect(value * 1000).toBeGreaterThanOrEqual(ms);
          else expect(value).toBeGreaterThanOrEqual(ms);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the report of settings', () => {
  const shown = (advice: MeasuredAdvice | null) =>
    adviceSection.render({ judgement: { advice } } as unknown as View)?.text ?? null;

  it('is not there where nothing was measured', () => {
    expect(shown(null)).toBeNull();
    expect(shown(advised('shop', { fate: () => ({ skip: true }), phases: PHASES.slice(0, 3) }))).toBeNull();
  });

  it('is in run.json with whole milliseconds, and null for what was not measured', () => {
    const json = adviceJson(advised('gunicorn', slow(24_000)));
    expect(json.times).toMatchObject({ longestRequest: { ms: 24_000 }, idleAtReset: null });
    expect(json.settings).toMatchObject([{ setting: 'graceful_timeout', value: 36, unit: 's' }]);
  });

  it('has what was measured and each line, and escapes what the record says', () => {
    const { times, advice } = advised('gunicorn', slow(24_000));
    const page = shown({
      times: { ...times, boot: { ms: 800, from: HOSTILE } },
      advice: advice.map((each) => ({ ...each, measured: [HOSTILE] })),
    });
    expect(page).toContain('<code>graceful_timeout = 36</code>');
    expect(page).not.toMatch(/<script|<img|\u001B|\u202E/);
  });
});
