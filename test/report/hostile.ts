import type { RunLocks } from '../../src/model/locks.js';
import type { ProbeRun } from '../../src/model/probe.js';
import { constantRate } from '../../src/model/rate.js';
import type { Run } from '../../src/model/run.js';
import { type LockWait, WATCHERS, type WatcherName, type WatchRun } from '../../src/model/watch.js';
import { buildRun, judgementOf } from './build-run.js';
import type { SampleRun } from './sample-runs.js';

/** Everything a server, a step or a scenario could say to break out of an output. */
export const HOSTILE =
  '<script>alert(1)</script>"\'`--></style></title><img src=x onerror=alert(2)>]]>&amp;|*_[a](http://evil.example)\n::error::owned\r\n# EOF\n\u001B[31mred\u001B]8;;http://evil.example\u0007link\u0007\u0000\u0085\u2028\u2029\u202Egnp.exe\u200B\uD800\uFFFE\\';

function hostileProbe(): ProbeRun {
  return {
    ...{
      probe: 'websocket',
      detail: HOSTILE,
      readyAt: 1000,
      ended: false,
      requests: 3,
      failed: 1,
      versions: [HOSTILE],
      borneIdleMs: 0,
    },
    counts: { lost: 1, failed: 0, disconnects: 0, connections: 2 },
    byPhase: [{ phase: 1, counts: { lost: 1 } }],
    faults: [{ at: 6100, since: 6000, phase: 1, count: 'lost', detail: HOSTILE }],
    unlisted: [],
    times: [{ at: 6200, phase: 1, name: 'reconnect', ms: 100 }],
    straddled: [1],
    failures: [{ sentAt: 6000, at: 6100, phase: 1, name: HOSTILE, detail: HOSTILE }],
    failing: [{ from: 6000, to: 6100 }],
  };
}

function hostileWait(): LockWait {
  const session = {
    ...{ pid: 7, application: HOSTILE, user: HOSTILE, statement: HOSTILE, state: HOSTILE, holds: HOSTILE },
    ...{ beganAt: 1, transactionAt: 2 },
  };
  return {
    ...{ pid: 7, since: 6100, errorMs: 1, endAt: 6200, endErrorMs: 10, seenAt: 6190, behind: [8] },
    ...{ locktype: HOSTILE, relation: HOSTILE, mode: HOSTILE },
    ...{ waiting: session, ahead: { ...session, pid: 8 }, blocker: { ...session, pid: 9 } },
  };
}

function hostileLocks(): RunLocks {
  const wait = { ...hostileWait(), watch: HOSTILE, phase: 1, ofChange: true };
  return {
    ...{ waits: [wait], dropped: 1, lookGapMs: 30, blockedMs: 100, waitedMs: 10 },
    phases: [
      {
        ...{ phase: 1, windows: [{ from: 6100, to: 6200 }], blockedMs: 100, errorMs: 11, waitedMs: 10, sessions: 2 },
        ...{ byKind: { queue: 100, held: 0, other: 0 }, kind: 'queue', relations: [HOSTILE], longest: wait },
        ...{ change: wait.waiting, reader: wait.blocker },
        latency: { limitMs: 20, slow: 3, within: 2, p: 0.001, verdict: 'lock' },
      },
    ],
  };
}

function hostileWatch(kind: WatcherName): WatchRun {
  return {
    ...{ kind, name: HOSTILE, of: HOSTILE, on: HOSTILE, requestErrors: [HOSTILE], dropped: 3 },
    states: [
      { at: 100, subject: HOSTILE, value: HOSTILE },
      { at: 6000, subject: HOSTILE, value: null },
    ],
    processes: [{ pid: 7, parent: 1, startedAt: -5, endedAt: 6100, aliveAt: 6050, command: HOSTILE, main: false }],
    lines: [{ at: 6100, pattern: HOSTILE, text: HOSTILE, requestId: HOSTILE }],
    lineCounts: [{ pattern: HOSTILE, phase: 1, count: 1 }],
    values: [
      {
        subject: HOSTILE,
        unit: 'number',
        points: [{ from: 6000, at: 6000, min: 1, max: 2, last: 2, increase: 0 }],
      },
    ],
    incidents: [{ at: 6200, subject: HOSTILE, detail: HOSTILE }],
    platformActs: [
      {
        ...{ at: 6200, platform: 'swarm', subject: HOSTILE, act: 'rollback-started', byItself: true },
        ...{ from: HOSTILE, to: HOSTILE, message: HOSTILE },
      },
    ],
    ids: {
      ...{ side: 'proxy', runs: [0, 3], again: [{ seq: 2, at: 6100 }], untold: 1, mute: 1 },
      told: [{ seq: 1, at: 6100, status: 0, method: HOSTILE, tries: [{ status: 502, connected: false }] }],
      gaps: [{ at: 6100, detail: HOSTILE }],
    },
    locks: { waits: [hostileWait()], dropped: 2, looks: [] },
    unseen: [HOSTILE],
    blind: [{ from: 6300, to: 6400, detail: HOSTILE }],
  };
}

function hostileMigrations(): Run['migrations'][number] {
  const finding = {
    ...{ file: HOSTILE, line: 1, column: 2, endLine: 3, endColumn: 4, rule: HOSTILE },
    ...{ severity: 'error' as const, message: HOSTILE, remedy: HOSTILE },
  };
  const statement = {
    ...{ sql: HOSTILE, durationMs: 1, locks: [{ relation: HOSTILE, mode: HOSTILE }], rewrote: [HOSTILE] },
    ...{ scanned: [HOSTILE], built: [HOSTILE], error: HOSTILE },
  };
  const queries = [{ id: null, sql: HOSTILE, error: HOSTILE }];
  return {
    ...{ at: 1, step: HOSTILE, problem: HOSTILE, refused: true, dropped: 2, ms: 3 },
    check: {
      ...{ files: [HOSTILE], postgres: 15, findings: [finding], suppressed: [{ ...finding, reason: HOSTILE }] },
      squawk: { ran: false, why: HOSTILE },
    },
    trace: {
      ...{
        verdict: 'unsafe',
        server: HOSTILE,
        statements: [statement],
        invalidIndexes: [HOSTILE],
        oldQueries: queries,
      },
      down: { statements: [statement], newQueries: queries, oldQueries: queries },
      ...{ sizes: [{ rows: 1000, durationMs: 1, blockingMs: 1 }], findings: [finding], unseen: [HOSTILE] },
    },
  };
}

/** Gives the flows of a run hostile names too; they are keys: no two alike. */
export function renameFlows(run: Run): void {
  for (const [index, flow] of run.header.traffic.flows.entries()) {
    const name = `${index} ${HOSTILE}`;
    for (const owner of [...run.cells, ...run.failures, ...run.overTime.series.flows]) {
      if (owner.flow === flow.name) owner.flow = name;
    }
    flow.name = name;
  }
}

/** A run whose every free text is hostile. */
export function hostileRun(): SampleRun {
  const run = buildRun({
    phases: [
      { name: 'baseline', kind: 'baseline', startAt: 0, endAt: 5000, outcome: null },
      {
        ...{ name: `step ${HOSTILE}`, startAt: 5000, endAt: 12_000, command: HOSTILE, commandMs: 900, exitCode: null },
        ...{ signal: HOSTILE, outcome: 'failed', detail: HOSTILE, holdAt: 7000 },
      },
    ],
    faults: [
      { from: 6000, to: 6500, outcome: { kind: 'wrong', cause: 'expectation', status: 200, detail: HOSTILE } },
      { from: 6500, to: 6600, outcome: { kind: 'unsent', cause: 'cap', detail: HOSTILE } },
      { from: 6600, to: 6700, outcome: { kind: 'retryable', cause: 'reset', status: null, detail: HOSTILE } },
    ],
    outages: [{ startAt: 6000, endAt: 6520, phase: 1, streams: [HOSTILE] }],
    stalls: [{ startAt: 6000, endAt: 9000, durationMs: 3000, phase: 1, streams: [HOSTILE] }],
    versionAt: () => HOSTILE,
    change: {
      probes: [hostileProbe()],
      watchers: WATCHERS.map(hostileWatch),
      output: [{ at: 5100, step: HOSTILE, line: HOSTILE }],
      notes: [{ at: 5200, text: HOSTILE }],
      decisions: [{ type: 'decision', at: 6600, cause: 'command', action: 'abort', detail: HOSTILE }],
      recordFaults: [HOSTILE],
      hosts: [{ at: 1, name: HOSTILE, offsetMs: 1, uncertaintyMs: 1 }],
      requirements: [{ at: 1, what: HOSTILE, ok: false, detail: HOSTILE, ms: 1 }],
      migrations: [hostileMigrations()],
      hooks: [{ at: 13_000, event: 'finished', command: HOSTILE, exitCode: 1, ms: 1, problem: HOSTILE }],
    },
  });
  run.header.scenario = { name: HOSTILE, sha256: 'ab', file: HOSTILE, runbook: HOSTILE };
  run.header.target.url = HOSTILE;
  run.header.hosts = [{ name: HOSTILE, destination: HOSTILE }];
  run.header.release = { name: HOSTILE, git: HOSTILE, gitFrom: 'repository', url: HOSTILE };
  const [, step] = run.phases;
  if (step !== undefined) {
    step.window = { at: 1, wanted: 2, requests: 1, all: 1, forMs: 1, version: HOSTILE, flow: HOSTILE };
  }
  run.header.probes = ['websocket', 'sse'];
  run.header.traffic.streams = [{ name: HOSTILE, rate: constantRate(10) }, ...run.header.traffic.streams];
  run.generator.machine.dns = { asked: 3, failed: 1, maxMs: 20, error: HOSTILE };
  run.header.environment = { [HOSTILE]: HOSTILE };
  run.header.effective = { [HOSTILE]: [HOSTILE] };
  run.header.steps.push({ name: `later ${HOSTILE}`, kind: 'custom' });
  run.header.traffic.flows = run.header.traffic.flows.map((flow) => ({
    ...flow,
    path: HOSTILE,
    method: HOSTILE,
    target: HOSTILE,
  }));
  renameFlows(run);
  const judgement = judgementOf(run, {
    ...{ verdict: 'downtime', release: 'rollback-failed', gate: 'fail', exitCode: 95, headline: HOSTILE },
    locks: hostileLocks(),
    blastRadius: {
      ...{ version: HOSTILE, phase: HOSTILE, requests: 1, failed: 1, share: 1, failedShare: 1 },
      ...{ ms: 1, all: 1, failedUnknown: 1 },
    },
    deployedAt: 8000,
    ...{ reasons: [HOSTILE], servesNow: HOSTILE, healthy: false, harnessReasons: [HOSTILE] },
    thresholds: (['fail', 'warn', 'inconclusive'] as const).map((level) => ({
      ...{ metric: 'latency', name: `latency{step:${HOSTILE}}`, expression: HOSTILE, level, origin: 'user' },
      ...{ actual: 3, limit: 1, ok: false, phase: HOSTILE, note: HOSTILE, source: { file: HOSTILE, line: 3 } },
    })),
    findings: [
      { rule: HOSTILE, severity: 'breach', phase: HOSTILE, claim: HOSTILE, evidence: [HOSTILE], remedy: HOSTILE },
    ],
  });
  return { run, judgement };
}
