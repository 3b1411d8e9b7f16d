import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { abortReasons } from '../../src/judge/live.js';
import type { RunEvent } from '../../src/model/event.js';
import type { Finding } from '../../src/model/verdict.js';
import type { PlatformAct, WatchHeader } from '../../src/model/watch.js';
import { buildRun, DEFAULTS, PHASES, REFUSED, type RunPlan, threshold } from '../record/build-run.js';
import { blind, life, lines, saw, sees, state, value, watchHeader } from '../record/observations.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000 (rehearsed).

/** A release under watch, without a version that is declared. */
function judged(watch: WatchHeader[], events: RunEvent[], rest: RunPlan = {}) {
  const version = { declared: false, changes: true };
  return judge(buildRun({ version, fate: () => ({ version: null }), watch, events, ...rest }));
}

function found(rule: string, watch: WatchHeader[], events: RunEvent[], rest: RunPlan = {}): Finding[] {
  return judged(watch, events, rest).findings.filter((finding) => finding.rule === rule);
}

const LINK = [watchHeader('link', 'current')];
const moved = (...states: [number, string | null][]): RunEvent[] => [
  sees(400),
  ...states.map(([at, target]) => state(at, '/srv/current', target)),
];
const THERE_AND_BACK: [number, string][] = [
  [500, 'v1'],
  [9_200, 'v2'],
  [14_200, 'v1'],
];

const APP = [watchHeader('processes', 'app')];
/** A master, whose two workers are replaced in the reload and in the rollback, new before old. */
const RELOADED = [
  sees(400),
  ...life(10, -1_000, null, { main: true }),
  ...[11, 12].flatMap((pid) => life(pid, -900, 10_000)),
  ...[21, 22].flatMap((pid) => life(pid, 9_300, 15_500)),
  ...[31, 32].flatMap((pid) => life(pid, 14_300, null)),
];
/** The same by stop and start: the workers are away for a second. */
const RESTARTED = [
  sees(400),
  ...life(11, -900, 9_200, { main: true }),
  ...life(21, 10_200, 14_100, { main: true }),
  ...life(31, 14_900, null, { main: true }),
];

describe('a change of version, where none is declared', () => {
  it('is not verified where nothing is watched, or nothing that could tell', () => {
    expect(judged([], [])).toMatchObject({ verdict: 'zero-downtime', changeVerified: null });
    const judgement = judged([watchHeader('log')], [sees(400)]);
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', changeVerified: null });
    expect(judgement.headline).toContain('change not verified');
    expect(judgement.findings.map(({ rule }) => rule)).toEqual(['version-not-verified']);
  });

  it('is verified by a link that changed and came back', () => {
    const judgement = judged(LINK, moved(...THERE_AND_BACK));
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', changeVerified: true, exitCode: 0 });
    expect(judgement.headline).not.toContain('change not verified');
    expect(judgement.findings).toMatchObject([
      { rule: 'change-by-watchers', evidence: ['the link current pointed to v1, then to v2, and came back'] },
    ]);
  });

  it('is verified by processes that began in the release and stayed', () => {
    const judgement = judged(APP, RELOADED);
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', changeVerified: true, exitCode: 0 });
    expect(judgement.findings.map(({ rule }) => rule)).toEqual([
      'new-before-old',
      'new-before-old',
      'change-by-watchers',
    ]);
  });

  it.each([
    ['a link that stayed', LINK, moved([500, 'v1']), 'nothing watched changed: the link current still points to v1'],
    [
      'a link that did not come back',
      LINK,
      moved([500, 'v1'], [9_200, 'v2']),
      'nothing watched changed: the link current did not come back in the rehearsed rollback (v1 before, v2 after)',
    ],
    [
      'processes that stayed',
      APP,
      [sees(400), ...life(10, -900, null)],
      'nothing watched changed: no process of app began in the release',
    ],
    [
      'a process that was there for a moment',
      APP,
      [sees(400), ...life(10, -900, null), ...life(44, 9_300, 9_500)],
      'nothing watched changed: no process of app began in the release',
    ],
    [
      'a link whose processes were not told',
      [...LINK, watchHeader('processes', 'app')],
      [...moved(...THERE_AND_BACK), sees(400, 1), ...life(10, -900, null, { watch: 1 })],
      'no process of app began in the release',
    ],
    [
      'processes that began anew on the same link',
      [...LINK, watchHeader('processes', 'app')],
      [
        ...moved([500, 'v1']),
        sees(400, 1),
        ...life(10, -900, 9_500, { watch: 1 }),
        ...life(20, 9_300, null, { watch: 1 }),
      ],
      'the link current still points to v1',
    ],
    [
      'a link that could not be seen',
      LINK,
      [...moved([500, 'v1']), blind(8_000, 'no permission')],
      'what the link current did is not known (no permission)',
    ],
    [
      'processes that were never seen, beside others that changed',
      [...APP, watchHeader('processes', 'other')],
      [...RELOADED, blind(400, 'there is no other.pid', 1)],
      'what the processes other did is not known (there is no other.pid)',
    ],
  ] as [string, WatchHeader[], RunEvent[], string][])('is inconclusive with %s', (_, watch, events, reason) => {
    const judgement = judged(watch, events);
    expect(judgement).toMatchObject({
      verdict: 'inconclusive',
      gate: 'inconclusive',
      exitCode: 98,
      changeVerified: false,
    });
    expect(judgement.reasons).toContain(reason);
  });

  it('is not asked for where the release was not carried through', () => {
    const judgement = judged(LINK, moved([500, 'v1']), { end: { release: 'rolled-back' } });
    expect(judgement).toMatchObject({ verdict: 'inconclusive', release: 'rolled-back', changeVerified: false });
    expect(judgement.reasons.join()).not.toContain('watched');
  });

  it('that is declared stays what answers, whatever process ids did', () => {
    const same = judge(buildRun({ watch: APP, events: RELOADED, fate: () => ({ version: 'v1' }) }));
    expect(same).toMatchObject({ verdict: 'inconclusive', changeVerified: false });
    expect(same.reasons).toContain('the version never changed (v1 before and after)');
    const changed = judge(buildRun({ watch: LINK, events: moved([500, 'v1']) }));
    expect(changed).toMatchObject({ verdict: 'zero-downtime', changeVerified: true });
  });
});

describe('processes', () => {
  const held = (events: RunEvent[]): Finding[] => {
    const run = buildRun({ version: { declared: false, changes: true }, watch: APP, events });
    for (const phase of run.phases) phase.holdAt = phase.readyAt;
    return judge(run).findings;
  };

  it('that are old and still live when the hold is over are a tail that nobody saw', () => {
    const slow = [
      sees(400),
      ...life(10, -1_000, null, { main: true }),
      ...life(11, -900, 16_000),
      ...life(12, -900, 10_000),
      ...life(21, 9_300, null),
    ];
    const [tail, ...more] = held(slow).filter(({ rule }) => rule === 'tail-not-observed');
    expect(more).toEqual([]);
    expect(tail).toMatchObject({ severity: 'risk', phase: 'reload' });
    expect(tail?.claim).toMatch(/^1 of 2 old processes of app still lived when the hold of reload was over/);
    expect(tail?.evidence).toEqual(['process 11 (app 11): 14.9 s old at 14.0 s of the run, and ended at 16.0 s']);
    expect(held(RELOADED).filter(({ rule }) => rule === 'tail-not-observed')).toEqual([]);
  });

  it('that were never replaced are no tail', () => {
    expect(held([sees(400), ...life(10, -900, null)]).filter(({ rule }) => rule === 'tail-not-observed')).toEqual([]);
  });

  it('that all ended before the next began left a gap', () => {
    expect(found('worker-gap', APP, RESTARTED)).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'No process of app lived for 1.0 s in reload.' },
      { severity: 'risk', phase: 'rollback', claim: 'No process of app lived for 800 ms in rollback.' },
    ]);
    expect(found('new-before-old', APP, RESTARTED)).toEqual([]);
  });

  it('that were never seen alive together took the place of each other', () => {
    const events = [sees(400), ...life(11, -900, 9_250), ...life(21, 9_220, null)];
    const [gap] = found('worker-gap', APP, events);
    expect(gap).toMatchObject({
      severity: 'risk',
      phase: 'reload',
      claim: 'New processes of app began only when the old ones ended, in reload: while they boot nobody serves.',
    });
    expect(gap?.evidence[0]).toBe('process 11 (app 11) was alive at 9.2 s of the run and gone at 9.3 s');
  });

  it('that ended for good are noted: whether that is right the traffic tells', () => {
    expect(found('worker-gap', APP, [sees(400), ...life(11, -900, 9_200)])).toMatchObject([
      { severity: 'note', claim: 'From 9.2 s of the run on, in reload, no process of app lived any more.' },
    ]);
  });

  it('that overlap are as it should be', () => {
    expect(found('worker-gap', APP, RELOADED)).toEqual([]);
    const [note] = found('new-before-old', APP, RELOADED);
    expect(note).toMatchObject({
      severity: 'note',
      phase: 'reload',
      claim: 'New processes of app were there 650 ms before the last old one was gone.',
    });
  });

  it('that a single one starts now and then are no workers', () => {
    const helper = [
      sees(400),
      ...life(10, -900, null, { main: true }),
      ...life(99, 2_000, 2_500),
      ...life(98, 9_500, 9_600),
    ];
    expect(found('worker-gap', APP, helper)).toEqual([]);
  });

  it('that could not be seen tell nothing', () => {
    const events = [...RESTARTED, blind(9_100, 'no permission'), sees(10_300), blind(14_000, 'x'), sees(15_000)];
    expect(found('worker-gap', APP, events)).toEqual([]);
    expect(found('watcher-blind', APP, events)).toMatchObject([
      { severity: 'note', phase: 'reload', claim: 'app could not be watched for 2.2 s of the release: no permission.' },
    ]);
  });
});

describe('a watched log', () => {
  const LOG = [watchHeader('log', 'error.log', { requestErrors: ['upstream'] })];
  const failing: RunPlan = { fate: ({ seq }) => (seq === 460 || seq === 470 ? { outcome: REFUSED } : {}) };

  it('ties errors of requests to failures by time', () => {
    const events = [
      sees(400),
      ...lines(9_250, 'upstream', ['connect() failed', 'again']),
      ...lines(11_900, 'upstream', ['late']),
    ];
    const [finding] = found('proxy-errors', LOG, events, failing);
    expect(finding).toMatchObject({ severity: 'note', phase: 'reload' });
    expect(finding?.claim).toBe(
      'error.log has 3 errors of requests in reload, where 2 requests of the traffic failed.',
    );
    expect(finding?.evidence).toEqual([
      '2 of 3 lines came within a second of a failure',
      'by kind: 3 upstream',
      'at 9.3 s: connect() failed',
      'at 9.3 s: again',
    ]);
    expect(found('masked-errors', LOG, events, failing)).toEqual([]);
  });

  it('ties them to requests where `${seq}` is in the id, and to none by chance', () => {
    const ids = ['zdd-460', '461', 'f00d470', '4f1c-470', null];
    const events = [sees(400), ...ids.flatMap((id) => lines(9_250, 'upstream', [`line of ${id}`], 0, id))];
    const [finding] = found('proxy-errors', LOG, events, failing);
    expect(finding?.evidence[1]).toBe('2 name a request that failed: #460, #470');
  });

  it('shows errors that no request of the traffic failed with', () => {
    const events = [sees(400), ...lines(9_250, 'upstream', ['connect() failed'])];
    expect(found('proxy-errors', LOG, events)).toEqual([]);
    expect(found('masked-errors', LOG, events)).toMatchObject([{ severity: 'risk', phase: 'reload' }]);
    expect(judged(LOG, events)).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  });

  it('says nothing of what was logged before the release', () => {
    const events = [sees(400), ...lines(3_000, 'upstream', ['x']), ...lines(3_000, 'own', ['y'])];
    expect(judged(LOG, events).findings.map(({ rule }) => rule)).toEqual(['version-not-verified']);
  });

  it('shows other lines by step, the grave ones as a risk', () => {
    const events = [
      sees(400),
      ...lines(3_000, 'own', ['before']),
      ...lines(9_500, 'own', ['mine']),
      ...lines(15_000, 'out-of-memory', ['Out of memory: Killed process 7']),
    ];
    expect(found('log-lines', LOG, events)).toMatchObject([
      { severity: 'note', phase: 'reload', evidence: ['by kind: 1 own', 'at 9.5 s: mine', 'in the baseline: 1 own'] },
      { severity: 'risk', phase: 'rollback', claim: 'error.log has 1 lines of out-of-memory in rollback.' },
    ]);
  });
});

describe('other watchers', () => {
  it('tell of a link that was away', () => {
    const events = moved([500, 'v1'], [9_200, null], [9_200.4, 'v2'], [14_200, null], [14_500, 'v1']);
    expect(found('link-absent', LINK, events)).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'The link current was not there for a moment in reload.' },
      { severity: 'risk', phase: 'rollback', claim: 'The link current was not there for 300 ms in rollback.' },
    ]);
    expect(found('link-absent', LINK, moved([500, null], [700, 'v1'], [9_200, 'v2'], [14_200, 'v1']))).toEqual([]);
  });

  it('tell of an address that nothing listened on, and not of one that was given up', () => {
    const sockets = [watchHeader('sockets')];
    const events = [
      sees(400),
      state(500, ':80', 'listening'),
      state(500, ':81', 'listening'),
      state(9_300, ':80', null),
      state(9_400, ':81', null),
      state(9_900, ':80', 'listening'),
    ];
    expect(found('not-listening', sockets, events)).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'Nothing listened on :80 for 600 ms in reload.' },
    ]);
  });

  it('tell of no longer time than they saw', () => {
    const lost = (from: number, to: number | null): RunEvent[] =>
      to === null ? [blind(from, 'ssh ended')] : [blind(from, 'ssh ended'), sees(to)];
    const claims = (rule: string, kind: WatchHeader['kind'], events: RunEvent[]) =>
      found(rule, [watchHeader(kind, 'it')], [sees(400), ...events]).map(({ claim }) => claim);
    const listening = [state(500, ':80', 'listening'), state(9_300, ':80', null)];
    expect(
      claims('not-listening', 'sockets', [...listening, ...lost(9_500, 13_000), state(13_000, ':80', 'listening')]),
    ).toEqual(['Nothing listened on :80 for 200 ms at least (not seen from 9.5 s to 13.0 s) in reload.']);
    const up = [state(500, 'shop/a', 'UP'), state(9_300, 'shop/a', 'DOWN')];
    expect(claims('server-down', 'haproxy', [...up, ...lost(9_300, 12_000), state(12_500, 'shop/a', 'UP')])).toEqual([
      'shop/a was DOWN for a moment at least (not seen from 9.3 s to 12.0 s) in reload.',
    ]);
    expect(claims('server-down', 'haproxy', [...up, ...lost(10_300, null)])).toEqual([
      'shop/a was DOWN for 1.0 s at least (not seen from 10.3 s on) in reload.',
    ]);
    // The look that ends the blind time finds it down, and may be on record before it.
    expect(
      claims('server-down', 'haproxy', [up[0] as RunEvent, blind(9_000, 'x'), up[1] as RunEvent, sees(9_301)]),
    ).toEqual(['shop/a was DOWN to the end of the run in reload.']);
    const away = [state(500, '/srv/current', 'v1'), state(9_300, '/srv/current', null)];
    expect(
      claims('link-absent', 'link', [...away, ...lost(9_600, 12_000), state(12_000, '/srv/current', 'v2')]),
    ).toEqual(['The link it was not there for 300 ms at least (not seen from 9.6 s to 12.0 s) in reload.']);
  });

  it('tell of servers that were down, more gently where they were drained first', () => {
    const events = [
      sees(400),
      state(500, 'shop/a', 'UP'),
      state(500, 'shop/b', 'UP'),
      state(9_300, 'shop/a', 'DOWN'),
      state(9_400, 'shop/b', 'DRAIN'),
      state(9_900, 'shop/b', 'DOWN'),
      state(10_500, 'shop/a', 'UP'),
    ];
    expect(found('server-down', [watchHeader('haproxy')], events)).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'shop/a was DOWN for 1.2 s in reload.' },
      { severity: 'note', phase: 'reload', claim: 'shop/b was DOWN to the end of the run in reload.' },
    ]);
    const units = [
      sees(400),
      state(500, 'app', 'active/running'),
      state(9_100, 'app', 'reloading/reload'),
      state(9_200, 'app', 'active/running'),
    ];
    expect(found('server-down', [watchHeader('systemd')], units)).toEqual([]);
    const restarted = [
      ...units,
      state(9_300, 'app', 'inactive/dead'),
      state(9_800, 'app', 'activating/start'),
      state(10_000, 'app', 'active/running'),
    ];
    expect(found('server-down', [watchHeader('systemd')], restarted)).toMatchObject([
      { severity: 'risk', claim: 'app was not active (inactive/dead) for 700 ms in reload.' },
    ]);
  });

  it('tell of incidents with time and step', () => {
    const oom = (at: number) => saw(at, { what: 'incident', subject: 'oom', detail: 'the kernel killed a process' });
    const [finding] = found(
      'watched-incident',
      [watchHeader('resources')],
      [sees(400), oom(3_000), oom(8_000), oom(9_500)],
    );
    expect(finding).toMatchObject({
      severity: 'risk',
      phase: 'migrate',
      claim: 'resources: the kernel killed a process, 2 times.',
    });
    expect(finding?.evidence[1]).toBe('at 9.5 s of the run, in reload: the kernel killed a process');
    const reload = saw(9_500, { what: 'incident', subject: 'process', detail: 'reloaded' });
    expect(found('watched-incident', [watchHeader('haproxy')], [sees(400), reload])).toMatchObject([
      { severity: 'note' },
    ]);
  });

  it('tell of retries of HAProxy and of what was used up', () => {
    const retries = [2_000, 8_900, 9_500, 10_500].map((at, n) => value(at, 'shop retries', [0, 0, 7, 9][n] as number));
    expect(found('proxy-retries', [watchHeader('haproxy')], [sees(400), ...retries])).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'HAProxy tried 9 connections to shop again in reload.' },
    ]);
    const memory = [value(2_000, 'memory', 0.99), value(9_500, 'memory', 0.97), value(9_500, 'cpu', 1)];
    expect(found('resource-limit', [watchHeader('resources')], [sees(400), ...memory])).toMatchObject([
      { severity: 'risk', phase: 'reload', claim: 'The memory of the machine was used up to 97 % in reload.' },
    ]);
    const connections = [value(9_500, 'connections', 95), value(9_500, 'max_connections', 100)];
    expect(found('resource-limit', [watchHeader('postgres')], [sees(400), ...connections])).toMatchObject([
      { severity: 'risk', claim: '95 of 100 connections of postgres were in use in reload.' },
    ]);
  });

  it('tell of containers: a time in which none was ready, and new ones that were ready before the old ones went', () => {
    const docker = [watchHeader('docker', 'shop')];
    const both = [
      sees(400),
      state(500, 'blue', 'running (healthy)'),
      state(8_000, 'green', 'running (starting)'),
      state(9_300, 'green', 'running (healthy)'),
      state(10_000, 'blue', 'running (healthy), sent SIGTERM'),
      state(10_500, 'blue', 'exited (0)'),
    ];
    expect(found('container-handover', docker, both)).toMatchObject([
      {
        ...{ severity: 'note', phase: 'reload' },
        claim: 'shop: a new container was running and healthy 1.2 s before the last old one was gone.',
      },
    ]);
    const inPlace = [
      sees(400),
      state(500, 'web a', 'running'),
      state(500, 'web update', 'completed'),
      state(9_300, 'web a', 'exited (137)'),
      state(9_400, 'web b', 'created'),
      state(10_300, 'web b', 'running'),
    ];
    expect(found('container-handover', docker, inPlace)).toMatchObject([
      {
        ...{ severity: 'risk', phase: 'reload' },
        claim: 'shop: no container was running and healthy for 1.0 s in reload.',
        evidence: ['web a was ready until 9.3 s of the run', 'web b was ready from 10.3 s on'],
      },
    ]);
    const blinded = [...inPlace.slice(0, 5), blind(9_500, 'no engine'), sees(10_200), ...inPlace.slice(5)];
    expect(found('container-handover', docker, blinded)).toEqual([]);
    const sick = [sees(400), state(500, 'a', 'running (healthy)'), state(9_300, 'a', 'running (unhealthy)')];
    expect(found('server-down', docker, sick)).toMatchObject([
      { severity: 'risk', claim: 'a was unhealthy to the end of the run in reload.' },
    ]);
  });

  it('tell of a platform that rolls back by itself, apart from one that was asked to', () => {
    const docker = [watchHeader('docker', 'web')];
    const why = 'update rolled back due to failure or early termination of task x';
    const act = (at: number, what: PlatformAct['act'], byItself: boolean | null, rest: Partial<PlatformAct> = {}) =>
      saw(at, {
        ...{ what: 'platform', platform: 'swarm', subject: 'web', act: what, byItself },
        ...{ from: 'shop:v2', to: 'shop:v1', message: why, ...rest },
      });
    const own = [sees(400), act(9_500, 'rollback-started', true), act(11_500, 'rollback-completed', true)];
    expect(found('platform-rollback', docker, own)).toMatchObject([
      {
        ...{ severity: 'risk', phase: 'reload', claim: 'Docker Swarm rolled web back by itself in reload.' },
        evidence: [`at 9.5 s of the run: ${why}`, 'from shop:v2 to shop:v1', 'back 2.0 s later'],
        remedy: expect.stringContaining('docker service ps'),
      },
    ]);
    const rehearsed = [sees(400), act(15_000, 'rollback-started', false), act(16_000, 'rollback-completed', false)];
    expect(found('platform-rollback', docker, rehearsed)).toEqual([]);
    expect(found('platform-rollback', docker, [sees(400), act(9_500, 'rollback-started', false)])).toMatchObject([
      { severity: 'note', phase: 'reload', claim: expect.stringContaining('not by the way back of the scenario') },
    ]);
    const unseen = [sees(400), act(9_500, 'rollback-completed', null), act(15_500, 'gave-up', true, { from: null })];
    expect(found('platform-rollback', docker, unseen)).toMatchObject([
      { severity: 'risk', claim: expect.stringContaining('it is not known who asked for it') },
      { severity: 'risk', phase: 'rollback', claim: 'Docker Swarm gave up on web and left it halfway in rollback.' },
    ]);
    const stuck = act(9_500, 'gave-up', true, { platform: 'kubernetes', from: null, to: null, message: '' });
    expect(found('platform-rollback', [watchHeader('docker', 'web')], [sees(400), stuck])).toMatchObject([
      { claim: 'Kubernetes gave up on web and left it halfway in reload.', evidence: ['at 9.5 s of the run'] },
    ]);
    expect(judged(docker, own)).toMatchObject({ verdict: 'zero-downtime', exitCode: 0 });
  });

  it('that saw nothing say so', () => {
    expect(found('watcher-blind', [watchHeader('haproxy', 'proxy')], [blind(500, 'nobody listens')])).toMatchObject([
      { phase: 'run', claim: 'proxy could not be watched all through the release: nobody listens.' },
    ]);
  });
});

describe('a threshold on what was measured', () => {
  const ORDERS = [watchHeader('metric', 'orders')];
  /** 10 a second in the baseline, 4 in the reload, 10 after it. */
  const counter = Array.from({ length: 38 }, (_, n) => {
    const at = 500 + n * 500;
    const reload = Math.max(0, Math.min(at, 14_000) - 9_000);
    return value(at, 'orders_total', (at - reload) / 100 + reload / 250);
  });
  const on = (expression: string, rest: Parameters<typeof threshold>[1] = {}) => {
    const [, aggregate = '', comparison = '', limit = ''] = /^(\w+)([<>=]+)(.*)$/.exec(expression) ?? [];
    const timesBaseline = limit.endsWith('*baseline');
    const of = { aggregate, comparison, value: Number.parseFloat(limit), timesBaseline, expression } as object;
    return threshold('metric', { selector: { name: 'orders' }, ...of, ...rest });
  };
  const row = (given: ReturnType<typeof on>, events: RunEvent[]) => {
    const judgement = judged(ORDERS, [sees(400), ...events], { thresholds: [...DEFAULTS, given] });
    return { judgement, row: judgement.thresholds.at(-1) };
  };

  it('takes the rise of a counter per second, and holds it against the baseline', () => {
    const { judgement, row: slow } = row(on('rate>=0.9*baseline'), counter);
    expect(slow).toMatchObject({ ok: false, name: 'metric{name:orders}' });
    expect(slow?.actual).toBeCloseTo(7.7, 1);
    expect(slow?.limit).toBeCloseTo(9, 1);
    expect(judgement).toMatchObject({ verdict: 'zero-downtime', gate: 'fail', exitCode: 99 });
    expect(judgement.reasons[0]).toBe('metric{name:orders} is 7.692/s, and the threshold is rate>=0.9*baseline (9/s)');
    expect(row(on('rate>=0.5*baseline'), counter).row).toMatchObject({ ok: true });
  });

  it('is kept by a counter that stays where it was, in the baseline and after it', () => {
    const counting = (count: (at: number) => number) => counter.map(({ at }) => value(at, 'orders_total', count(at)));
    const flat = counting(() => 7);
    expect(row(on('rate<2*baseline'), flat).row).toMatchObject({ ok: true, actual: 0, limit: 0 });
    const once = counting((at) => (at > 10_000 ? 8 : 7));
    expect(row(on('rate<2*baseline'), once).row).toMatchObject({ ok: false, limit: 0 });
    expect(row(on('rate<0'), flat).row).toMatchObject({ ok: false });
  });

  it('can be of one step', () => {
    const { row: reload } = row(on('rate>9', { selector: { name: 'orders', step: 'reload' } }), counter);
    expect(reload).toMatchObject({ ok: false, phase: 'reload' });
    expect(reload?.actual).toBeCloseTo(4, 5);
  });

  it('knows that a counter may begin again at 0', () => {
    const restarted = [1_000, 6_000, 10_000, 18_000].map((at, n) =>
      value(at, 'orders_total', [100, 600, 40, 120][n] as number),
    );
    expect(row(on('rate>0'), restarted).row?.actual).toBeCloseTo((40 + 80) / 12, 5);
  });

  it.each([
    ['max<5', 6],
    ['min>3', 2],
    ['avg<4', 4],
    ['last<3', 3],
  ])('%s', (expression, actual) => {
    const values = [99, 2, 4, 6, 4, 5, 3].map((each, n) =>
      value([2_000, 7_000, 8_000, 9_500, 11_000, 12_000, 18_000][n] as number, 'x', each),
    );
    expect(row(on(expression), values).row).toMatchObject({ actual, ok: false });
  });

  it('sums the series where that has a meaning', () => {
    const two = ['a', 'b'].flatMap((subject) => [
      value(3_000, subject, 0),
      value(8_000, subject, 5),
      value(18_000, subject, 25),
    ]);
    expect(row(on('last<100'), two).row?.actual).toBe(50);
    expect(row(on('max<100'), two).row?.actual).toBe(25);
    expect(row(on('rate>0'), two).row?.actual).toBeCloseTo(50 / 15, 5);
  });

  it.each([
    ['no value at all', [], /there was no value of orders/],
    ['no value after the baseline', [value(2_000, 'x', 1)], /there was no value of orders/],
    [
      'a time that was not seen',
      [value(7_000, 'x', 1), blind(9_000, 'no answer'), sees(9_500), value(18_000, 'x', 1)],
      /not seen for 500 ms of it: no answer/,
    ],
    [
      'more series than are kept',
      [...Array.from({ length: 70 }, (_, n) => value(9_000, `${n}`, 1))],
      /more values than were kept/,
    ],
  ] as [string, RunEvent[], RegExp][])('is inconclusive with %s, never a pass', (_, events, note) => {
    const { judgement, row: unproven } = row(on('max<100'), events);
    expect(unproven).toMatchObject({ ok: null });
    expect(unproven?.note).toMatch(note);
    expect(judgement).toMatchObject({ gate: 'inconclusive', exitCode: 98 });
  });

  it('that was crossed was crossed, whatever else was not seen', () => {
    const events = [value(7_000, 'x', 500), blind(9_000, 'no answer')];
    expect(row(on('max<100'), events).row).toMatchObject({ ok: false, actual: 500 });
  });

  it('is a reason to abort, and unknown names prove nothing', () => {
    const events = [sees(400), value(7_000, 'x', 500)];
    const run = buildRun({ watch: ORDERS, events, thresholds: [on('max<100', { abortOnFail: true })] });
    expect(abortReasons(run)).toEqual(['metric{name:orders} is 500, and the threshold is max<100']);
    expect(row(on('max<100', { selector: { name: 'other' } }), events).row).toMatchObject({ ok: null });
  });
});

it('the phases of these tests are where they are said to be', () => {
  expect(PHASES.map(({ name, ms }) => `${name} ${ms}`)).toEqual([
    'warmup 1000',
    'baseline 5000',
    'build 1000',
    'migrate 2000',
    'reload 5000',
    'rollback 5000',
  ]);
});
