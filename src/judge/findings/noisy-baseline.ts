import { noiseOf } from '../baseline-noise.js';
import type { Rule } from './rule.js';

/**
 * The baseline is too noisy to judge latencies by, or the user's own threshold has too few samples there. A default that
 * has too few says so in its row and asks for nothing.
 */
export const noisyBaseline: Rule = {
  name: 'noisy-baseline',
  find: (m) =>
    noiseOf(m)
      .filter(({ kind, origin }) => kind !== 'short' || origin === 'user')
      .map(({ kind, claim, evidence, remedy }) => ({
        severity: kind === 'short' ? ('note' as const) : ('risk' as const),
        phase: 'baseline',
        claim: `${claim.charAt(0).toUpperCase()}${claim.slice(1)}.`,
        evidence: [evidence],
        remedy,
      })),
};
