import type { Cell, FailedRequest } from '../../model/run.js';
import { formatCount, formatMs, plural } from '../../model/units.js';
import { failedByPhase } from '../headline.js';
import type { Measure } from '../measure.js';
import type { Rule } from './rule.js';

/** Failed samples that are named in a finding. */
const SAMPLES_NAMED = 5;

/** A step in which requests failed: how many, how, on which connections, and when, counted from its command. */
export const failingStep: Rule = {
  name: 'failing-step',
  find: (m) =>
    failedByPhase(m).map(({ phase, name, failed }) => ({
      severity: 'breach' as const,
      phase: name,
      claim: `${plural(failed, 'request')} failed in ${name}.`,
      evidence: [...byCause(m, phase), ...byPlace(m, phase), ...when(m, phase)],
      remedy: '',
    })),
};

function byCause(m: Measure, phase: number): string[] {
  const { byError } = m.tally({ label: '', phases: [phase] });
  return [`by cause: ${listed(Object.entries(byError))}`];
}

function byPlace(m: Measure, phase: number): string[] {
  const cells = m.cells({ label: '', phases: [phase] });
  const by = (label: (cell: Cell) => string) => {
    const counts = new Map<string, number>();
    for (const cell of cells) counts.set(label(cell), (counts.get(label(cell)) ?? 0) + cell.failed);
    return listed([...counts].filter(([, count]) => count > 0));
  };
  return [`by connection: ${by(({ connection }) => connection)}`, `by flow: ${by(({ flow }) => flow)}`];
}

function when(m: Measure, phase: number): string[] {
  const failures = m.run.failures.filter((failure) => failure.phase === phase);
  const [first, last] = [failures[0], failures.at(-1)];
  if (first === undefined || last === undefined) return [];
  const beganAt = m.run.phases[phase]?.startAt ?? 0;
  const at = ({ endedAt }: FailedRequest) => `${formatMs(endedAt)} (${formatMs(endedAt - beganAt)} into the step)`;
  const named = failures.slice(0, SAMPLES_NAMED).map(({ seq }) => `#${seq}`);
  const more = failures.length > named.length ? ' and more' : '';
  return [`first failure at ${at(first)}, last at ${at(last)}`, `samples ${named.join(', ')}${more}`];
}

function listed(counts: [string, number][]): string {
  return counts.map(([name, count]) => `${formatCount(count)} ${name}`).join(', ');
}
