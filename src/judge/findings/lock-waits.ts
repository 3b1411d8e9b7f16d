import type { PhaseLocks } from '../../model/locks.js';
import { formatMs, formatShare } from '../../model/units.js';
import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import { locksOf } from '../locks/locks.js';
import { latencyText, lockedText, relationsText, sessionText } from '../locks/text.js';
import type { Measure } from '../measure.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Waits that are shorter belong to the daily life of a database, ms. */
const WORTH_MS = 100;
/** Waits of users for each other are worth a word where there is more of them than in the baseline. */
const TIMES_BASELINE = 2;

/** Sessions waited for locks in a step, or its change of the schema did. */
export const lockWaits: Rule = {
  name: 'lock-waits',
  find: (m, evidence) => {
    const locks = locksOf(m);
    if (locks === null) return [];
    return locks.phases
      .filter(({ phase }) => m.whole.phases.includes(phase))
      .flatMap((phase) => [...blocked(m, evidence, phase, locks.phases), ...waited(m, phase)]);
  },
};

type Found = Omit<Finding, 'rule'>;

function blocked(m: Measure, { stalls }: Evidence, locks: PhaseLocks, all: readonly PhaseLocks[]): Found[] {
  const { phase, blockedMs, kind, latency, longest } = locks;
  if (blockedMs < WORTH_MS) return [];
  const usual = usualShare(m, all);
  const share = blockedMs / lengthOf(m, [phase]);
  const isChange = kind === 'queue' || kind === 'held';
  if (!isChange && share <= TIMES_BASELINE * usual) return [];
  // Users met it: the cause of that has the severity.
  const isStalled = stalls.some((stall) => stall.phase === phase);
  const tied = latencyText(locks);
  return [
    {
      severity: latency?.verdict === 'lock' && !isStalled ? 'risk' : 'note',
      phase: nameOf(m.run, phase),
      claim: `${lockedText(m.run, locks)}.`,
      evidence: [
        ...(longest === null
          ? []
          : [
              `the longest: ${sessionText(longest.waiting)} waited ${formatMs((longest.endAt ?? longest.seenAt) - longest.since)} for ${longest.mode}, from ${formatMs(longest.since)} of the run, behind ${sessionText(longest.blocker)}`,
            ]),
        ...(tied === null ? [] : [tied]),
        ...(usual > 0 ? [`in the baseline sessions waited for ${formatShare(usual)} of the time`] : []),
      ],
      remedy: isChange ? REMEDY[kind] : '',
    },
  ];
}

/** The change of the schema waited, and kept nobody waiting. */
function waited(m: Measure, locks: PhaseLocks): Found[] {
  const { phase, waitedMs, blockedMs, change, reader } = locks;
  if (waitedMs < WORTH_MS || blockedMs >= WORTH_MS) return [];
  return [
    {
      severity: 'note',
      phase: nameOf(m.run, phase),
      claim: `In ${nameOf(m.run, phase)} the change of the schema waited ${formatMs(waitedMs)} for ${relationsText(locks)}, and kept hardly anybody waiting.`,
      evidence: [`${sessionText(change)} behind ${sessionText(reader)}`],
      remedy: '',
    },
  ];
}

const REMEDY = {
  queue: 'Give the migration a short `lock_timeout` and repeat it, with jitter.',
  held: 'Build indexes CONCURRENTLY, validate constraints apart, and fill columns in batches that commit.',
};

/** Part of the baseline in which sessions waited. */
function usualShare(m: Measure, all: readonly PhaseLocks[]): number {
  const ms = all
    .filter(({ phase }) => m.baseline.phases.includes(phase))
    .reduce((sum, { blockedMs }) => sum + blockedMs, 0);
  return ms / lengthOf(m, m.baseline.phases);
}

function lengthOf({ run }: Measure, phases: readonly number[]): number {
  const all = phases.flatMap((index) => run.phases[index] ?? []);
  return Math.max(
    1,
    all.reduce((sum, { startAt, endAt }) => sum + endAt - startAt, 0),
  );
}
