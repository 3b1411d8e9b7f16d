import type { DecisionEvent } from '../model/event.js';
import { formatCount, formatMs } from '../model/units.js';
import { stallText } from './evidence.js';
import { crossedReasons } from './gate.js';
import { boundText, type Facts, failedByPhase, failedText } from './headline.js';
import type { Measure } from './measure.js';
import { faultText } from './probe-faults.js';
import { blastText } from './release-blast.js';
import { nameOf } from './scope.js';

/** Everything that decided, the strongest first, each once; never empty. */
export function reasonsOf(m: Measure, facts: Facts): string[] {
  const { release, doubts, evidence, rows, bound, blastRadius } = facts;
  const of = (...kinds: string[]) => doubts.filter(({ kind }) => kinds.includes(kind)).map(({ reason }) => reason);
  const reasons = [
    ...(release === 'rollback-failed' ? of('release') : []),
    ...m.run.decisions.map(decisionText),
    ...(blastRadius === null ? [] : [blastText(blastRadius)]),
    ...(evidence.failed > 0 ? [failedText(m), ...failuresByStep(m)] : []),
    ...evidence.stalls.map(
      (stall) => `${stallText(m.run, stall)} in ${nameOf(m.run, stall.phase)}, from ${formatMs(stall.startAt)} on`,
    ),
    ...evidence.breaches.map((breach) => faultText(m.run, breach)),
    ...crossedReasons(rows, 'fail'),
    ...of('fault', 'record', 'harness'),
    ...crossedReasons(rows, 'inconclusive'),
    ...of('proof', 'policy', 'release'),
    ...crossedReasons(rows, 'warn').map((reason) => `warning: ${reason}`),
  ];
  if (reasons.length === 0) reasons.push(`${failedText(m)} (${boundText(bound)}, independent failures assumed)`);
  return [...new Set(reasons)];
}

/** The cause is named where the detail alone does not say what it speaks of. */
function decisionText({ cause, detail }: DecisionEvent): string {
  return cause === 'preflight' || cause === 'baseline' || cause === 'threshold' ? `${cause}: ${detail}` : detail;
}

function failuresByStep(m: Measure): string[] {
  return failedByPhase(m).map(({ phase, name, failed }) => {
    const { byError } = m.tally({ label: '', phases: [phase] });
    const causes = Object.entries(byError).flatMap(
      ([cause, count]) =>
        (cause === 'unexpected-status' ? statusesIn(m, phase, count) : null) ?? `${formatCount(count)} ${cause}`,
    );
    return `${formatCount(failed)} failed in ${name}: ${causes.join(', ')}`;
  });
}

/** `20 × 502`, `4 × 503`, the most first; null where not all of these failures are kept. */
function statusesIn({ run }: Measure, phase: number, count: number): string[] | null {
  const counts = new Map<number, number>();
  for (const { phase: at, outcome } of run.failures)
    if (at === phase && outcome.kind === 'wrong' && outcome.cause === 'unexpected-status')
      counts.set(outcome.status, (counts.get(outcome.status) ?? 0) + 1);
  const kept = [...counts.values()].reduce((sum, each) => sum + each, 0);
  if (kept !== count) return null;
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([status, n]) => `${formatCount(n)} × ${status}`);
}
