import type { ReconciledRequest, Reconciliation, RequestFate } from '../../model/reconciliation.js';
import { REQUEST_FATES } from '../../model/reconciliation.js';
import { formatCount, formatMs } from '../../model/units.js';
import { reconcile } from '../reconcile.js';
import type { Rule } from './rule.js';

const NAMED = 3;

/** What became of the requests that failed, by the logs that name every request. */
export const reconciliation: Rule = {
  name: 'reconciliation',
  find: (m) =>
    reconcile(m)
      .filter(({ failed }) => failed > 0)
      .map((found) => ({
        severity: 'note' as const,
        phase: 'run',
        claim: claimOf(found),
        evidence: [
          `${found.logs.join(', ')}: ${formatCount(found.named)} requests named, ${formatCount(found.answered)} answered`,
          ...found.doubts.map((doubt) => `what is not named may have come all the same: ${doubt}`),
          ...examples(found),
        ],
        remedy: remedyOf(found),
      })),
};

/** `Of 28 requests that failed, 20 never arrived at the proxy, and 8 were answered by it with an error.` */
function claimOf({ side, failed, fates }: Reconciliation): string {
  if (fates.unknown === failed)
    return `It is unknown what became of ${formatCount(failed)} requests that failed at the ${side}: its log does not tell.`;
  const parts = REQUEST_FATES.filter((fate) => fates[fate] > 0).map((fate) => fateText(fate, fates[fate], side));
  const last = parts.pop() ?? '';
  const list = parts.length === 0 ? last : `${parts.join(', ')}, and ${last}`;
  return `Of ${formatCount(failed)} requests that failed, ${list}.`;
}

function fateText(fate: RequestFate, count: number, side: Reconciliation['side']): string {
  const [n, were] = [formatCount(count), count === 1 ? 'was' : 'were'];
  const texts: Record<RequestFate, string> = {
    'never-arrived': `${n} never arrived at the ${side}`,
    error: `${n} ${were} answered by the ${side} with an error`,
    'given-up': `${n} had a client that was gone before the ${side} answered`,
    answered: `${n} arrived and ${were} answered by the ${side} without an error of its own`,
    arrived: `${n} arrived at the ${side}, and what it answered is not in the log`,
    unknown: `of ${n} it is unknown whether the ${side} got ${count === 1 ? 'it' : 'them'}`,
  };
  return texts[fate];
}

/** The first of each fate. */
function examples({ requests }: Reconciliation): string[] {
  return REQUEST_FATES.filter((fate) => fate !== 'unknown').flatMap((fate) => {
    const own = requests.filter((request) => request.fate === fate).slice(0, NAMED);
    return own.length === 0 ? [] : [`${fate}: ${own.map(requestText).join('; ')}`];
  });
}

function requestText({ seq, flow, endedAt, met, status }: ReconciledRequest): string {
  return `#${seq} ${flow} at ${formatMs(endedAt)}, ${met}${status === null ? '' : ` (the log: ${status === 0 ? 'no status' : status})`}`;
}

function remedyOf({ side, fates }: Reconciliation): string {
  const most = REQUEST_FATES.toSorted((a, b) => fates[b] - fates[a])[0];
  if (most === 'never-arrived')
    return `What never arrived was lost in front of the ${side}: look at its listening socket and at what restarts it, not behind it.`;
  if (most === 'error')
    return `What the ${side} answered with an error was lost behind it: look at what it forwards to.`;
  return '';
}
