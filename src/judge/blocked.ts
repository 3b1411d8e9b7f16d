import { formatCount } from '../model/units.js';
import type { Doubt } from './doubt.js';
import type { Measure } from './measure.js';

/** Answers of a rate limiter or firewall say nothing of the app: where there were any, nothing is proven. */
export function blockedDoubts(m: Measure): Doubt[] {
  const tally = m.tally({ label: '', phases: [...m.baseline.phases, ...m.whole.phases] });
  if (tally.blocked === 0) return [];
  const count = formatCount(tally.blocked);
  const reason = `${count} answers came from a rate limiter or firewall${statuses(tally)}; ${BLOCKED_REMEDY}`;
  return [{ kind: 'proof', reason }];
}

export const BLOCKED_REMEDY = 'allow the harness (its User-Agent carries the run id) or lower the rate';

/** Their statuses, where no other answer can have had them. */
function statuses({ byStatus, blocked }: ReturnType<Measure['tally']>): string {
  const refusing = Object.entries(byStatus).filter(([status]) => Number(status) >= 400);
  const sum = refusing.reduce((total, [, count]) => total + count, 0);
  return sum === blocked ? ` (${refusing.map(([status]) => status).join(', ')})` : '';
}
