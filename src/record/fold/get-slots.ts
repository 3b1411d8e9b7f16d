import type { FlowPlan } from '../../model/event.js';
import type { FailureCause } from '../../model/outcome.js';
import { BUCKET_MS, type GetSlot } from '../../model/run.js';
import type { Sample } from '../../model/sample.js';
import type { Attributed } from './attribution.js';
import { obtain } from './keyed.js';
import type { PhaseLog } from './phases.js';

/** What a proxy answers where it reached no app; a 504 is that of a path that takes too long. */
const GATEWAY: readonly number[] = [502, 503];
/** How a connection fails on any path. A timeout or a truncated answer may be that of a slow or a large one. */
const NO_CONNECTION: readonly FailureCause[] = ['refused', 'reset', 'closed', 'protocol', 'tls'];

export interface GetSlotLog {
  sample(a: Attributed): void;
  /** In order of time. */
  slots(): GetSlot[];
}

/**
 * What clients met that only GET: with a connection of its own for each request, or with kept ones and repeating. One
 * entry for each 100 ms in which there was a GET or a failure, so that nothing depends on how many failures are kept.
 */
export function createGetSlotLog(flows: readonly Pick<FlowPlan, 'method'>[], log: PhaseLog): GetSlotLog {
  const isGet = flows.map(({ method }) => method.toUpperCase() === 'GET');
  const slots = new Map<number, GetSlot>();

  const slotAt = (ms: number): GetSlot => {
    const at = Math.floor(ms / BUCKET_MS) * BUCKET_MS;
    return obtain(slots, at, () => ({ at, fresh: 0, failed: 0, gone: 0, maxMs: 0, others: 0, repeatable: 0 }));
  };

  /** When it was due; the beginning of its phase where it was due in the baseline and is judged in a later phase. */
  const placeOf = (dueAt: number, phase: number): number => {
    const isEarlier = log.phases[log.at(dueAt)]?.kind === 'baseline' && log.phases[phase]?.kind !== 'baseline';
    return isEarlier ? Math.max(dueAt, log.phases[phase]?.startAt ?? 0) : dueAt;
  };

  return {
    sample({ sample, flow, phase, at, failed }) {
      const { kind } = sample.outcome;
      if (kind === 'unsent' || kind === 'blocked') return;
      const get = isGet[flow] === true;
      if (get && isRepeated(sample)) slotAt(at).repeatable++;
      const isFresh = get && sample.connection === 'fresh';
      if (!isFresh && !failed) return;
      const slot = slotAt(placeOf(sample.dueAt, phase));
      if (!isFresh) {
        slot.others++;
        return;
      }
      slot.fresh++;
      slot.maxMs = Math.max(slot.maxMs, at - sample.dueAt);
      if (!failed) return;
      slot.failed++;
      if (isGone(sample)) slot.gone++;
    },
    slots: () => [...slots.values()].sort((a, b) => a.at - b.at).map((slot) => ({ ...slot })),
  };
}

/** Whether no app was reached, so that another path would not have been answered either. */
function isGone({ outcome }: Sample): boolean {
  if (outcome.kind === 'lost') return NO_CONNECTION.includes(outcome.cause);
  return outcome.kind === 'wrong' && GATEWAY.includes(outcome.status);
}

/**
 * Whether Go's `net/http` sends a GET again after this, without a word: where a kept connection ended before the first
 * byte of an answer (`shouldRetryRequest` in transport.go), or an HTTP/2 server said that it had not looked at the
 * request (`canRetryError` in its HTTP/2 client). Timeouts are never repeated.
 */
function isRepeated({ outcome, connection }: Sample): boolean {
  if (outcome.kind !== 'lost' && outcome.kind !== 'retryable') return false;
  if (outcome.cause === 'goaway' || outcome.cause === 'refused-stream') return true;
  return connection === 'reused' && (outcome.cause === 'reset' || outcome.cause === 'closed');
}
