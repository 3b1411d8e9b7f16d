import type { Reconciliation, RepeatedRequest } from '../../model/reconciliation.js';
import { formatCount, formatMs } from '../../model/units.js';
import { reconcile } from '../reconcile.js';
import { stepAt } from '../watch.js';
import type { Rule } from './rule.js';

const NAMED = 3;

/** A proxy sent requests to more than one server, by its log. */
export const retriedUpstream: Rule = {
  name: 'retried-upstream',
  find: (m) =>
    reconcile(m).flatMap(({ retried, logs, repeatDoubts }) => {
      const [first] = retried;
      if (first === undefined) return [];
      const failed = retried.filter((request) => request.failed).length;
      return [
        {
          severity: 'risk' as const,
          phase: stepAt(m, first.at),
          claim: `${requestsText(retried)} tried more than once behind the proxy, and ${formatCount(failed)} of them failed all the same.`,
          evidence: [logs.join(', '), ...retried.slice(0, NAMED).map(requestText), ...repeatDoubts],
          remedy:
            'A retry hides a failure only for requests that may be sent again, and while another server is there: let the backend drain before it ends.',
        },
      ];
    }),
};

/** Requests that were executed, or may have been, more than once. */
export const repeatedRequests: Rule = {
  name: 'repeated-requests',
  find: (m) =>
    reconcile(m).flatMap((found) => {
      const [first] = found.repeated;
      if (first === undefined) return [];
      const unsafe = found.repeated.filter((request) => request.unsafe === true).length;
      const unclear = found.repeated.filter((request) => request.unsafe === null).length;
      return [
        {
          severity: unsafe + unclear > 0 ? ('risk' as const) : ('note' as const),
          phase: stepAt(m, first.at),
          claim: `${howText(found)}: ${formatCount(unsafe)} with a method that does something again${unclear === 0 ? '' : `, ${formatCount(unclear)} with one that is not known`}.`,
          evidence: [found.logs.join(', '), ...found.repeated.slice(0, NAMED).map(requestText), ...found.repeatDoubts],
          remedy: 'Never let a proxy repeat unsafe methods; give writes an idempotency key.',
        },
      ];
    }),
};

function howText({ side, repeated }: Reconciliation): string {
  if (side === 'app') return `${requestsText(repeated)} executed more than once, by the log of the app`;
  const count = repeated.length === 1 ? '1 request' : `${formatCount(repeated.length)} requests`;
  return `${count} reached more than one server, and may have been executed by each`;
}

function requestsText({ length }: readonly RepeatedRequest[]): string {
  return length === 1 ? '1 request was' : `${formatCount(length)} requests were`;
}

function requestText({ seq, at, method, tries, connected }: RepeatedRequest): string {
  const reached = connected === null ? '' : `, ${formatCount(connected)} had a connection`;
  const how = tries === 0 ? 'named again' : `tried ${formatCount(tries)} times${reached}`;
  return `#${seq}${method === null ? '' : ` ${method}`} at ${formatMs(at)}: ${how}`;
}
