import { formatCount } from '../../model/units.js';
import { BLOCKED_REMEDY } from '../blocked.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Answers of a rate limiter or firewall, where and on which flows. */
export const blockedAnswers: Rule = {
  name: 'blocked-answers',
  find: (m) => {
    const scope = { label: '', phases: [...m.baseline.phases, ...m.whole.phases] };
    const { blocked, requests } = m.tally(scope);
    if (blocked === 0) return [];
    const steps = scope.phases
      .map((phase) => ({ phase, count: m.tally({ label: '', phases: [phase] }).blocked }))
      .filter(({ count }) => count > 0);
    const flows = m.run.header.traffic.flows
      .map(({ name }) => ({ name, count: m.tally(scope, { flow: name }).blocked }))
      .filter(({ count }) => count > 0);
    return [
      {
        severity: 'note',
        phase: nameOf(m.run, steps[0]?.phase ?? -1),
        claim: `${formatCount(blocked)} of ${formatCount(requests)} requests were answered by a rate limiter or firewall.`,
        evidence: [
          `by step: ${steps.map(({ phase, count }) => `${formatCount(count)} in ${nameOf(m.run, phase)}`).join(', ')}`,
          `by flow: ${flows.map(({ name, count }) => `${formatCount(count)} ${name}`).join(', ')}`,
        ],
        remedy: sentence(BLOCKED_REMEDY),
      },
    ];
  },
};

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
