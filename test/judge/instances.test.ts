import { describe, expect, it } from 'vitest';
import { incidentsOf } from '../../src/judge/causes/incident.js';
import { type InstancesView, instancesOf } from '../../src/judge/causes/instances.js';
import { processesOf } from '../../src/judge/causes/processes.js';
import { evidenceOf } from '../../src/judge/evidence.js';
import { judge } from '../../src/judge/judge.js';
import { measure } from '../../src/judge/measure.js';
import type { RunEvent } from '../../src/model/event.js';
import type { Run } from '../../src/model/run.js';
import { buildRun, type Fate, PHASES, REFUSED, type RunPlan } from '../record/build-run.js';
import { blind, life, sees, state, watchHeader } from '../record/observations.js';

/** Warm-up and baseline take 6 s; the release begins then, its reload at 9 s, its way back at 14 s. */
const RELOAD = 9000;
const OLD = 'shop_blue_1 0123456789ab (local/shop:v1)';
const NEW = 'shop_green_1 ba9876543210 (local/shop:v2)';

/** Refused from one time to another; v2 answers from `newAt` on to the way back. */
function fate(from: number, to: number, newAt: number): Fate {
  return ({ dueAt }) => ({
    version: dueAt >= newAt && dueAt < 14_000 ? 'v2' : 'v1',
    ...(dueAt >= from && dueAt < to ? { outcome: REFUSED, connection: 'fresh' as const } : {}),
  });
}

function plan(kind: 'docker' | 'kubernetes', events: RunEvent[], given: Fate): RunPlan {
  const watch = [watchHeader(kind, kind), watchHeader('processes', 'app')];
  return {
    ...{ phases: PHASES, watch, fate: given },
    version: { declared: true, changes: true },
    events: [sees(0), ...events],
  };
}

function seen(
  given: RunPlan,
  change: (run: Run) => void = () => {},
): { instances: InstancesView; processes: ReturnType<typeof processesOf> } {
  const run = buildRun(given);
  change(run);
  const m = measure(run);
  const [incident] = incidentsOf(m, evidenceOf(m));
  if (incident === undefined) throw new Error('nothing happened');
  return { instances: instancesOf(m, incident), processes: processesOf(m, incident) };
}

/** The new container runs from a time on; the old one is told to end, and ends. */
const replaced = (newAt: number, toldAt: number, newState = 'running'): RunEvent[] =>
  [
    state(100, OLD, 'running'),
    state(newAt, NEW, newState),
    state(toldAt, OLD, 'running, sent SIGTERM'),
    state(toldAt + 200, OLD, 'exited (0)'),
  ].sort((a, b) => a.at - b.at);

describe('a new instance that counts as ready', () => {
  it('did so too early where the new version answers only seconds later, and the old one was still there', () => {
    const early = plan('docker', replaced(8500, 12_500), fate(9200, 11_000, 11_000));
    expect(seen(early).instances).toEqual({ others: true, readyTooEarly: true, stoppedInRotation: null });
  });

  it('did not where it answered at once, or counted as ready only after the harm began', () => {
    const atOnce = plan('docker', replaced(8900, 12_500), fate(9400, 10_000, 9000));
    expect(seen(atOnce).instances.readyTooEarly).toBe(false);
    const after = plan('docker', replaced(10_900, 9100), fate(9200, 11_000, 11_000));
    expect(seen(after).instances).toMatchObject({ others: false, readyTooEarly: false });
  });

  it('is no reason where the old one had been told to end before, or where no version is told', () => {
    const gone = plan('docker', replaced(8500, 9100), fate(9200, 11_000, 11_000));
    expect(seen(gone).instances.readyTooEarly).toBeNull();
    const mute = fate(9200, 11_000, 11_000);
    const unversioned: Fate = (arrival) => ({ ...mute(arrival), version: null });
    expect(seen(plan('docker', replaced(8500, 12_500), unversioned)).instances.readyTooEarly).toBeNull();
  });

  it('counts from when it is healthy where it is asked', () => {
    const asked = [...replaced(8500, 9100, 'running (starting)'), state(10_900, NEW, 'running (healthy)')];
    expect(seen(plan('docker', asked, fate(9200, 11_000, 11_000))).instances.readyTooEarly).toBe(false);
  });

  it('is one of the app: a database that stays, and a proxy that is replaced, are none', () => {
    const beside = [
      state(100, 'shop_db_1 aaaaaaaaaaaa (postgres:15)', 'running'),
      state(100, 'shop_proxy_1 bbbbbbbbbbbb (nginx:1.27)', 'running'),
      state(9000, 'shop_proxy_1 bbbbbbbbbbbb (nginx:1.27)', 'exited (0)'),
      state(9100, 'shop_proxy_1 cccccccccccc (nginx:1.28)', 'running'),
    ];
    const only = plan('docker', beside, fate(9200, 11_000, 11_000));
    expect(seen(only).instances).toEqual({ others: null, readyTooEarly: null, stoppedInRotation: null });
    const both = plan('docker', [...replaced(10_900, 9100), ...beside], fate(9200, 11_000, 11_000));
    expect(seen(both).instances.others).toBe(false);
  });
});

describe('a pod that is deleted', () => {
  const routed = 'ready, in rotation (shop)';
  const rolled = (stops: readonly [string, number][]): RunEvent[] => [
    ...['a', 'b', 'c'].map((name) => state(100, `pod shop-1-${name}`, routed)),
    state(RELOAD + 800, 'pod shop-2-a', 'not ready'),
    state(RELOAD + 1000, 'pod shop-2-a', routed),
    ...stops.flatMap(([name, at]) => [
      state(at, `pod shop-1-${name}`, `being deleted, ${routed}`),
      state(at + 50, `pod shop-1-${name}`, 'being deleted, ready'),
      state(at + 2000, `pod shop-1-${name}`, 'being deleted'),
    ]),
  ];

  it('was stopped in rotation where requests fail at that moment and others go on', () => {
    const given = plan('kubernetes', rolled([['a', 10_050]]), fate(10_100, 10_600, 10_000));
    expect(seen(given).instances).toEqual({ others: true, readyTooEarly: false, stoppedInRotation: true });
  });

  it('was not where it had been taken out a while before, and was where that came first by a moment', () => {
    const left = (leftAt: number): RunEvent[] => {
      const events = rolled([['a', 10_050]]);
      const next = events.findIndex((event) => 'at' in event && event.at > leftAt);
      return events.toSpliced(next, 0, state(leftAt, 'pod shop-1-a', 'not ready'));
    };
    const view = (leftAt: number) => seen(plan('kubernetes', left(leftAt), fate(10_100, 10_600, 10_000))).instances;
    expect([view(3000).stoppedInRotation, view(10_000).stoppedInRotation]).toEqual([false, true]);
  });

  it('was not where requests fail when it has drained, or where all are deleted at once', () => {
    const later = plan('kubernetes', rolled([['a', 10_050]]), fate(12_100, 12_600, 10_000));
    expect(seen(later).instances.stoppedInRotation).toBe(false);
    const events = [
      ...['a', 'b'].map((name) => state(100, `pod shop-1-${name}`, routed)),
      ...['a', 'b'].map((name) => state(9100, `pod shop-1-${name}`, `being deleted, ${routed}`)),
      state(10_900, 'pod shop-2-a', routed),
    ];
    expect(seen(plan('kubernetes', events, fate(9200, 11_000, 11_000))).instances).toEqual({
      ...{ others: false, readyTooEarly: false, stoppedInRotation: false },
    });
  });
});

describe('instances', () => {
  it('stand for processes where none of the app is watched, and only there', () => {
    const events = replaced(10_900, 9100);
    const { processes } = seen(plan('docker', events, fate(9200, 11_000, 11_000)));
    expect(processes).toMatchObject({ appGone: true, appThroughout: false, appReplaced: true, appFresh: false });
    const watched = [...events, sees(0, 1), ...life(7, 100, null, { main: true, watch: 1 })];
    expect(seen(plan('docker', watched, fate(9200, 11_000, 11_000))).processes).toMatchObject({
      ...{ appGone: false, appThroughout: true, appReplaced: false },
    });
  });

  it('that start again under their name are others', () => {
    const events = [state(100, OLD, 'running'), state(9100, OLD, 'exited (0)'), state(10_900, OLD, 'running')];
    const { instances, processes } = seen(plan('docker', events, fate(9200, 11_000, 11_000)));
    expect(instances.others).toBe(false);
    expect(processes.appBegan).toHaveLength(1);
  });

  it('change nothing for a run in which nobody was harmed', () => {
    const quiet = fate(0, 0, 9500);
    expect(judge(buildRun(plan('docker', replaced(8500, 12_500), quiet))).cause).toBeNull();
  });
});

describe('what was not seen', () => {
  const harm = fate(9200, 11_000, 11_000);
  const byTime = (events: RunEvent[]) => events.toSorted((a, b) => ('at' in a ? a.at : 0) - ('at' in b ? b.at : 0));
  const UNKNOWN = {
    ...{ appEnded: null, appBegan: null, appReplaced: null, appFresh: null },
    ...{ appThroughout: null, appGone: null, appUntouched: null },
  };
  /** A process of the app that is found to be gone at 12 s. */
  const watched = (...blindTimes: [number, number][]): RunEvent[] =>
    byTime([
      sees(0, 1),
      ...life(7, 100, 12_000, { main: true, watch: 1 }),
      ...blindTimes.flatMap(([from, to]) => [blind(from, 'ssh ended', 1), sees(to, 1)]),
    ]);

  it('of processes around the harm says nothing of what they did', () => {
    expect(seen(plan('docker', watched(), harm)).processes).toMatchObject({ appThroughout: true, appUntouched: false });
    expect(seen(plan('docker', watched([9_100, 12_000]), harm)).processes).toMatchObject(UNKNOWN);
    expect(seen(plan('docker', watched([12_500, 12_600]), harm)).processes).toMatchObject(UNKNOWN);
    const dropped = (run: Run) => Object.assign(run.watchers[1] as object, { dropped: 1 });
    expect(seen(plan('docker', watched(), harm), dropped).processes).toMatchObject(UNKNOWN);
  });

  it('of a proxy says nothing of whether it was replaced', () => {
    const proxy = (events: RunEvent[]) =>
      seen(plan('docker', events, harm), (run) => {
        for (const process of run.watchers[1]?.processes ?? []) process.command = 'nginx: worker process';
      }).processes.proxyReplaced;
    expect([proxy(watched()), proxy(watched([9_100, 12_000]))]).toEqual([false, null]);
  });

  it('long before the harm or after it changes nothing', () => {
    const { processes } = seen(plan('docker', watched([1_000, 5_900], [14_100, 15_000]), harm));
    expect(processes.appThroughout).toBe(true);
  });

  it('before the pidfile of a new instance was there hides nothing of the old one', () => {
    const given = plan('docker', byTime([...watched(), sees(9_150, 2), ...life(8, 9_000, null, { watch: 2 })]), harm);
    const header = watchHeader('processes', 'green');
    const both = { ...given, watch: [...(given.watch ?? []), header] };
    expect(seen(both).processes).toMatchObject({ appThroughout: true, appFresh: true });
    const there = { ...given, watch: [...(given.watch ?? []), { ...header, on: 'web2' }] };
    expect(seen(there).processes).toMatchObject(UNKNOWN);
  });

  it('of containers says nothing of them, nor of processes in their place', () => {
    const events = replaced(10_900, 9100);
    const lost = byTime([...events, blind(9_500, 'no engine'), sees(9_900)]);
    const { instances, processes } = seen(plan('docker', lost, harm));
    expect(instances).toEqual({ others: null, readyTooEarly: null, stoppedInRotation: null });
    expect(processes).toMatchObject(UNKNOWN);
  });
});

describe('a release whose command failed', () => {
  const unsent: Fate = ({ seq }) => (seq === 400 ? { outcome: { kind: 'unsent', cause: 'cap', detail: '' } } : {});
  const failed: RunEvent = {
    type: 'decision',
    at: 9_100,
    cause: 'command',
    action: 'abort',
    detail: 'reload exited with 1',
  };
  const causeOf = (events: RunEvent[], release: 'completed' | 'rolled-back') =>
    judge(buildRun({ events, fate: unsent, end: { release } })).cause?.rule;

  it('was refused, though the harness left arrivals unsent', () => {
    expect(causeOf([failed], 'rolled-back')).toBe('release-refused');
    expect(causeOf([], 'completed')).toBe('harness-limit');
  });
});
