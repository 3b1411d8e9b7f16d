import type { Verdict } from '../model/verdict.js';
import type { Doubt } from './doubt.js';
import type { Evidence } from './evidence.js';

/**
 * States facts about users, from the first step on. Evidence that the target failed them beats every doubt; without
 * it, any doubt makes the run inconclusive.
 */
export function verdictOf(evidence: Evidence, doubts: readonly Doubt[]): Verdict {
  if (hasFailedUsers(evidence)) return 'downtime';
  return doubts.length > 0 ? 'inconclusive' : 'zero-downtime';
}

export function hasFailedUsers({ failed, unproven, stalls, breaches }: Evidence): boolean {
  return failed > unproven || stalls.length > 0 || breaches.some((breach) => breach.count > breach.unproven);
}
