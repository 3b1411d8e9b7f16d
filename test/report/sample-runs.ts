import type { Run } from '../../src/model/run.js';
import type { Judgement, ThresholdResult } from '../../src/model/verdict.js';
import { buildRun, judgementOf, type Plan } from './build-run.js';

export interface SampleRun {
  run: Run;
  judgement: Judgement;
}

/** Phases of a whole release, with every part of a step in use. */
export const RELEASE: Plan['phases'] = [
  {
    name: 'db',
    kind: 'setup',
    startAt: 0,
    endAt: 3000,
    command: './deploy/prepare.sh',
    commandMs: 2900,
    exitCode: 0,
    judged: false,
  },
  { name: 'warmup', kind: 'warmup', startAt: 3000, endAt: 5000, judged: false, outcome: null },
  { name: 'baseline', kind: 'baseline', startAt: 5000, endAt: 25000, outcome: null },
  {
    name: 'build',
    kind: 'build',
    startAt: 25000,
    endAt: 61000,
    command: './deploy/build.sh',
    commandMs: 36000,
    exitCode: 0,
  },
  {
    name: 'migrate',
    kind: 'migrate',
    startAt: 61000,
    endAt: 69000,
    command: 'alembic upgrade head',
    commandMs: 8000,
    exitCode: 0,
  },
  {
    name: 'switch',
    kind: 'switch',
    startAt: 69000,
    endAt: 74100,
    command: './point-to.sh "$RELEASE"',
    commandMs: 100,
    exitCode: 0,
    holdAt: 69100,
  },
  {
    name: 'reload',
    kind: 'reload',
    startAt: 74100,
    endAt: 94000,
    command: 'kill -HUP $(cat /run/gunicorn.pid)',
    commandMs: 60,
    exitCode: 0,
    readyMs: 5400,
    readyAt: 79500,
    holdAt: 79500,
  },
  {
    name: 'rollback',
    kind: 'rollback',
    role: 'rehearsal',
    startAt: 94000,
    endAt: 112000,
    command: './point-to.sh previous',
    commandMs: 140,
    exitCode: 0,
    readyMs: 5100,
    readyAt: 99100,
    holdAt: 99100,
  },
];

const VERSION_AT = (at: number) =>
  at < 76000
    ? '3b9d2e1'
    : at < 79000
      ? Math.sin(at * 12.9898) > 0
        ? '9f3c1a2'
        : '3b9d2e1'
      : at < 97000
        ? '9f3c1a2'
        : '3b9d2e1';

const OUTPUT = [
  { at: 25200, step: 'build', line: 'Resolving dependencies' },
  { at: 43000, step: 'build', line: '\u001B[32m✓\u001B[0m 214 packages installed' },
  { at: 60800, step: 'build', line: 'Built release 9f3c1a2 into /srv/shop/releases/9f3c1a2' },
  {
    at: 61400,
    step: 'migrate',
    line: 'INFO  [alembic.runtime.migration] Running upgrade 1a2b -> 3c4d, add column sku_note',
  },
  { at: 74140, step: 'reload', line: 'HUP sent to 4211' },
];

const threshold = (change: Partial<ThresholdResult>): ThresholdResult => ({
  metric: 'http_req_failed',
  name: 'http_req_failed',
  expression: 'rate==0',
  level: 'fail',
  origin: 'user',
  actual: 0,
  limit: 0,
  ok: true,
  phase: 'run',
  note: '',
  source: { file: 'zdd/scenario.yaml', line: 41 },
  ...change,
});

export function zeroDowntime(): SampleRun {
  const run = buildRun({
    phases: RELEASE,
    versionAt: VERSION_AT,
    latencyAt: (at, r) =>
      4 + 3 * r + 26 * r ** 30 + (at > 61000 && at < 69000 ? 9 * r : 0) + (at > 74200 && at < 79000 ? 14 * r : 0),
    change: { versionOverlapMs: 3010, output: OUTPUT, rollbacks: [{ phase: 7, role: 'rehearsal', ms: 5100 }] },
  });
  return {
    run,
    judgement: judgementOf(run, {
      headline: '0 of 17,400 requests failed and none stalled through build, migrate, switch, reload and rollback.',
      thresholds: [
        threshold({}),
        threshold({
          metric: 'conn_errors',
          name: 'conn_errors',
          expression: 'count==0',
          origin: 'default',
          source: null,
        }),
        threshold({ metric: 'latency', name: 'latency', expression: 'p(99)<500', actual: 31.2, limit: 500 }),
        threshold({
          metric: 'latency',
          name: 'latency',
          expression: 'p(99)<2*baseline',
          actual: 31.2,
          limit: 54.1,
          note: 'baseline 27.0 ms',
        }),
        threshold({
          metric: 'rollback_time',
          name: 'rollback_time',
          expression: 'max<5m',
          actual: 5100,
          limit: 300000,
          phase: 'rollback',
          origin: 'default',
          source: null,
        }),
      ],
      servesNow: '3b9d2e1',
    }),
  };
}

export function downtime(): SampleRun {
  const run = buildRun({
    phases: RELEASE,
    versionAt: VERSION_AT,
    faults: [
      {
        from: 74300,
        to: 76100,
        outcome: { kind: 'lost', cause: 'refused', status: null, detail: 'connect ECONNREFUSED 127.0.0.1:8080' },
        tookMs: 1.2,
      },
      {
        from: 74100,
        to: 74300,
        outcome: { kind: 'lost', cause: 'reset', status: null, detail: 'read ECONNRESET' },
        tookMs: 3,
        share: 0.6,
      },
      {
        from: 76100,
        to: 78000,
        outcome: { kind: 'wrong', cause: 'unexpected-status', status: 502, detail: 'status 502, expected 200' },
        tookMs: 6,
        share: 0.5,
      },
      {
        from: 94200,
        to: 95400,
        outcome: { kind: 'lost', cause: 'closed', status: null, detail: 'other side closed' },
        tookMs: 2,
        share: 0.4,
      },
      {
        from: 63000,
        to: 63040,
        outcome: { kind: 'lost', cause: 'timeout', status: null, detail: 'no answer in 5000 ms' },
        tookMs: 5000,
      },
    ],
    outages: [
      { startAt: 74103, endAt: 78010, phase: 6 },
      { startAt: 94205, endAt: 95410, phase: 7, kind: 'partial' },
    ],
    stalls: [{ startAt: 74100, endAt: 78010, durationMs: 3910, phase: 6, streams: ['checkout'] }],
    latencyAt: (at, r) =>
      4 + 3 * r + 26 * r ** 30 + (at > 61000 && at < 69000 ? 60 * r * r : 0) + (at > 74200 && at < 79500 ? 120 * r : 0),
    change: {
      versionOverlapMs: 3010,
      output: OUTPUT,
      rollbacks: [{ phase: 7, role: 'rehearsal', ms: 5100 }],
      idleClosed: [{ at: 74150, idleMs: 92, how: 'rst' }],
      notes: [{ at: 30000, text: 'checkout stalls by nature: its limit is twice its baseline’s longest' }],
    },
  });
  return {
    run,
    judgement: judgementOf(run, {
      verdict: 'downtime',
      gate: 'fail',
      exitCode: 99,
      headline: '734 of 17,400 requests failed, nearly all in reload; longest outage 3.9 s; the rollback lost 96.',
      reasons: [
        'http_req_failed: 3.4 % of requests failed, limit 0',
        'outage: 3.9 s in reload (hard), 1.2 s in rollback (partial)',
        'stall: checkout waited 3.9 s, limit 1 s',
      ],
      thresholds: [
        threshold({ ok: false, actual: 0.034 }),
        threshold({ metric: 'outage', name: 'outage', expression: 'max==0', ok: false, actual: 3907, phase: 'reload' }),
        threshold({
          metric: 'latency',
          name: 'latency{step:migrate}',
          expression: 'p(99)<50',
          ok: false,
          level: 'warn',
          actual: 62.5,
          limit: 50,
          phase: 'migrate',
        }),
        threshold({
          metric: 'latency',
          name: 'latency',
          expression: 'p(99)<500',
          ok: null,
          actual: 119,
          limit: 500,
          note: 'too few samples in switch',
          phase: 'switch',
        }),
        threshold({
          metric: 'stall',
          name: 'stall',
          expression: 'max<1000',
          ok: false,
          actual: 3910,
          limit: 1000,
          origin: 'default',
          source: null,
        }),
      ],
      findings: [
        {
          rule: 'restart-instead-of-reload',
          severity: 'breach',
          phase: 'reload',
          claim: 'The listening socket was gone for 1.8 s: the service was restarted, not reloaded.',
          evidence: [
            '360 connections refused from 74.3 s to 76.1 s (#13860 to #14219)',
            'kept connections were reset 0.0 s after the command began',
          ],
          remedy: 'Send HUP to the master (systemctl reload) so that it keeps the socket while workers change.',
        },
        {
          rule: 'proxy-retries',
          severity: 'risk',
          phase: 'reload',
          claim: 'nginx answered 502 while the upstream came back.',
          evidence: ['190 answers 502'],
          remedy: '',
        },
      ],
      servesNow: '3b9d2e1',
    }),
  };
}

export function noOp(): SampleRun {
  const run = buildRun({ phases: RELEASE.slice(2), versionAt: () => '3b9d2e1', change: { output: OUTPUT } });
  return {
    run,
    judgement: judgementOf(run, {
      verdict: 'inconclusive',
      gate: 'inconclusive',
      exitCode: 98,
      headline:
        'No request failed, but the version served never changed: the release changed nothing that users reach.',
      reasons: [
        'the declared version was 3b9d2e1 before, during and after the release',
        '12 arrivals were not sent: the in-flight cap was reached',
      ],
      healthy: false,
      harnessReasons: ['12 arrivals unsent (cap)'],
      changeVerified: false,
      servesNow: '3b9d2e1',
    }),
  };
}

export function cut(): SampleRun {
  const phases = RELEASE.slice(0, 6).map((phase) =>
    phase.name === 'switch' ? { ...phase, endAt: 70300, outcome: null, exitCode: null, holdAt: null } : phase,
  );
  const run = buildRun({
    phases,
    versionAt: () => '3b9d2e1',
    change: { cut: true, end: null },
    header: {
      steps: RELEASE.slice(3, 7).map(({ name, kind }) => ({ name, kind: kind as 'custom' })),
      rollback: [{ name: 'rollback' }],
    },
  });
  return {
    run,
    judgement: judgementOf(run, {
      verdict: 'inconclusive',
      release: 'aborted',
      gate: 'inconclusive',
      exitCode: 98,
      headline: 'The run was cut in switch: what it saw proves nothing about the rest.',
      reasons: ['the record has no end: the run was killed or the machine stopped'],
      changeVerified: null,
      servesNow: null,
    }),
  };
}

/** Ten minutes: 6000 buckets, one outlier. */
export function tenMinutes(): SampleRun {
  const run = buildRun({
    phases: [
      { name: 'baseline', kind: 'baseline', startAt: 0, endAt: 60_000, outcome: null },
      {
        name: 'deploy',
        startAt: 60_000,
        endAt: 600_000,
        command: './deploy.sh',
        commandMs: 400_000,
        exitCode: 0,
        holdAt: 460_000,
      },
    ],
    ratePerSec: 100,
    faults: [
      {
        from: 300_000,
        to: 300_009,
        outcome: { kind: 'lost', cause: 'timeout', status: null, detail: 'late' },
        tookMs: 4321,
      },
    ],
    versionAt: (at) => (Math.sin(at) > 0 && at > 300_000 && at < 400_000 ? 'v2' : 'v1'),
  });
  run.output = Array.from({ length: 5000 }, (_, i) => ({
    at: 60_000 + i * 80,
    step: 'deploy',
    line: `line ${i} of a talkative deploy script`,
  }));
  return { run, judgement: judgementOf(run) };
}
