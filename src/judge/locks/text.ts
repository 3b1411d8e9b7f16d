import type { PhaseLocks } from '../../model/locks.js';
import type { Run } from '../../model/run.js';
import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import type { LockSession } from '../../model/watch.js';
import { nameOf } from '../scope.js';

const STATEMENT_CHARS = 160;
const RELATIONS = 3;

/** `orders was locked for 2.4 s in migrate: 14 sessions waited for ...`. */
export function lockedText(run: Run, locks: PhaseLocks): string {
  const { kind, blockedMs, errorMs, sessions, change, reader, phase } = locks;
  const begin = `${relationsText(locks)} was locked for ${formatMs(blockedMs)} (give or take ${formatMs(errorMs)}) in ${nameOf(run, phase)}`;
  const who = `${plural(sessions, 'session')} waited`;
  if (kind === 'queue')
    return `${begin}: ${who} behind ${sessionText(change)}, which itself waited for ${sessionText(reader)}`;
  if (kind === 'held') return `${begin} by ${sessionText(change)}; ${who}`;
  return `${begin}; ${who}`;
}

/** `orders`, `orders and items`. */
export function relationsText({ relations }: Pick<PhaseLocks, 'relations'>): string {
  const named = relations.slice(0, RELATIONS);
  if (named.length === 0) return 'something';
  const more = relations.length > RELATIONS ? ` and ${formatCount(relations.length - RELATIONS)} more` : '';
  return `${named.join(', ')}${more}`;
}

/** `alembic (ALTER TABLE ...)`, `report, idle in transaction (SELECT ...)`. */
export function sessionText(session: LockSession | null): string {
  if (session === null) return 'a session that was not seen';
  const { application, user, state, statement, pid } = session;
  if (pid === 0) return 'a prepared transaction';
  const name = [application, user].find((each) => each !== null && each !== '') ?? `process ${pid}`;
  const idle = state === null || state === 'active' ? '' : `, ${state}`;
  const text =
    statement !== null && statement.length > STATEMENT_CHARS ? `${statement.slice(0, STATEMENT_CHARS)}…` : statement;
  return `${name}${idle}${text === null ? '' : ` (${text})`}`;
}

/** Whether the requests show it. */
export function latencyText({ latency }: PhaseLocks): string | null {
  if (latency === null) return null;
  const { verdict, slow, within, limitMs, p } = latency;
  if (verdict === 'unknown' && p === null && slow === 0)
    return 'whether requests were slow because of it cannot be told';
  if (verdict === 'none') return `no request took longer than ${formatMs(limitMs)} then`;
  const share = `${formatCount(within)} of ${plural(slow, 'slow request')} (over ${formatMs(limitMs)}; ${formatShare(within / slow)}) spent half of their time in it or more`;
  const chance = p === null ? 'too little was measured for more' : `p = ${p.toPrecision(2)} by moving the time`;
  const says = {
    lock: 'the lock made them slow',
    other: 'that alone does not show that the lock made them slow, rather than load or something else',
    unknown: '',
  }[verdict];
  return `${share}; ${chance}${says === '' ? '' : `: ${says}`}`;
}
