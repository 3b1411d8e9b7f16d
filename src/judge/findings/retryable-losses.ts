import { formatCount } from '../../model/units.js';
import { nameOf } from '../scope.js';
import type { Rule } from './rule.js';

/** Losses that a browser hides by sending again: no failure for its users, and one for every other client. */
export const retryableLosses: Rule = {
  name: 'retryable-losses',
  find: (m) =>
    m.whole.phases.flatMap((index) => {
      const { retryable } = m.tally({ label: '', phases: [index] });
      const name = nameOf(m.run, index);
      if (retryable === 0) return [];
      return [
        {
          severity: 'risk' as const,
          phase: name,
          claim: `${formatCount(retryable)} requests were lost in ${name} in a way that browsers hide by sending again.`,
          evidence: ['each on a reused connection, with a safe method, before any byte of an answer'],
          remedy: 'Let the server announce the end of a connection before it closes it; not every client sends again.',
        },
      ];
    }),
};
