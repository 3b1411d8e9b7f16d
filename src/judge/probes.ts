import type { ProbeName } from '../model/probe.js';
import type { Run } from '../model/run.js';
import { formatCount, formatMs } from '../model/units.js';
import { BLOCKED_REMEDY } from './blocked.js';
import type { Doubt } from './doubt.js';
import { type Evidence, ownMs } from './evidence.js';
import type { Measure } from './measure.js';
import { probeRun } from './probe-faults.js';
import { nameOf } from './scope.js';

/** Why what the probes say proves nothing. */
export function probeDoubts(m: Measure, evidence: Evidence): Doubt[] {
  const { run } = m;
  const of = (kind: Doubt['kind'], reasons: readonly string[]) => reasons.map((reason) => ({ kind, reason }));
  return [
    ...of('harness', [
      ...stoodStill(run),
      ...unended(run),
      ...notSent(run),
      ...failuresBesideControl(evidence),
      ...stallsBesideControl(evidence),
    ]),
    ...of('harness', unprovenBreaches(evidence)),
    ...of('proof', [...neverWorked(run), ...workedLate(m), ...notStraddled(m), ...limited(run), ...unread(run)]),
  ];
}

/** Answers are read before a request is given up: a short sleep changes nothing. */
function stoodStill({ header, generator: { probePauses } }: Run): string[] {
  const longest = Math.max(0, ...probePauses.map(({ from, to }) => to - from));
  return longest < header.target.timeoutMs / 2 ? [] : [`the probes' thread stood still for ${formatMs(longest)}`];
}

/** Probes of the scenario that never did what they are for, with what kept them from it. */
export function neverWorked(run: Run): string[] {
  return run.header.probes.flatMap((name) => {
    const found = probeRun(run, name);
    if (found !== undefined && found.readyAt !== null) return [];
    const why = found?.failures.at(-1)?.detail ?? found?.faults.at(-1)?.detail ?? '';
    return [`the probe ${name} never worked${why === '' ? '' : `: ${why}`}`];
  });
}

/** What began to work after the first step cannot say what it was like before. */
function workedLate({ run, whole }: Measure): string[] {
  const beganAt = run.phases[whole.phases[0] ?? -1]?.startAt;
  if (beganAt === undefined) return [];
  return run.probes.flatMap(({ probe, readyAt }) =>
    readyAt !== null && readyAt > beganAt
      ? [`the probe ${probe} worked from ${formatMs(readyAt)} of the run on, after the first step had begun`]
      : [],
  );
}

/** A run that was cut says so itself. */
function unended({ probes, cut }: Run): string[] {
  if (cut) return [];
  return probes
    .filter(({ readyAt, ended }) => readyAt !== null && !ended)
    .map(({ probe }) => `the probe ${probe} did not end in order`);
}

/** Requests of probes that the harness did not send. */
function notSent({ probes }: Run): string[] {
  return probes
    .filter(({ counts }) => (counts.unsent ?? 0) > 0)
    .map(({ probe, counts }) => `${formatCount(counts.unsent ?? 0)} requests of the probe ${probe} were not sent`);
}

function limited({ probes }: Run): string[] {
  return probes
    .filter(({ counts }) => (counts.blocked ?? 0) > 0)
    .map(({ probe, counts }) => {
      const count = formatCount(counts.blocked ?? 0);
      return `${count} requests of the probe ${probe} were answered by a rate limiter or firewall; ${BLOCKED_REMEDY}`;
    });
}

function unread(run: Run): string[] {
  const { unread: count = 0, unlisted = 0 } = probeRun(run, 'ledger')?.counts ?? {};
  return [
    ...(count === 0
      ? []
      : [
          `${formatCount(count)} acknowledged writes were not read back at the end; write less often (\`probes.ledger.every\`)`,
        ]),
    ...(unlisted === 0
      ? []
      : [
          `${formatCount(unlisted)} acknowledged writes never stood in the list, so that doubles of them would not have been seen; let it show more of the newest (\`probes.ledger.list\`)`,
        ]),
  ];
}

const SWITCHING: readonly string[] = ['switch', 'reload', 'rollback', 'custom'];

/** Steps at whose first instant a long request should have been in flight, and was not. */
function notStraddled({ run, whole }: Measure): string[] {
  const inflight = probeRun(run, 'inflight');
  if (inflight === undefined || inflight.readyAt === null) return [];
  const missed = whole.phases.filter(
    (index) => SWITCHING.includes(run.phases[index]?.kind ?? '') && !inflight.straddled.includes(index),
  );
  if (missed.length === 0) return [];
  const names = missed.map((index) => nameOf(run, index)).join(', ');
  return [`no long request was in flight when ${names} began`];
}

function failuresBesideControl({ failed, doubtful, unproven }: Evidence): string[] {
  if (failed === 0 || unproven < failed || doubtful >= failed) return [];
  const sleeping = doubtful > 0 ? ', or the harness itself was not running' : '';
  return [`all ${formatCount(failed)} failures came while the control endpoint failed too${sleeping}: ${ELSEWHERE}`];
}

function stallsBesideControl({ controlStalls: [stall] }: Evidence): string[] {
  return stall === undefined
    ? []
    : [`the control endpoint failed too during a stall of ${formatMs(ownMs(stall))}: ${ELSEWHERE}`];
}

const ELSEWHERE = 'that is the network or the harness, not the release';

function unprovenBreaches({ breaches }: Evidence): string[] {
  const names: ProbeName[] = breaches.filter(({ count, unproven }) => unproven >= count).map(({ probe }) => probe);
  if (names.length === 0) return [];
  const probes = [...new Set(names)].join(', ');
  return [`faults of ${probes} came while the harness itself was not running, or the control endpoint failed too`];
}
