import type { PhaseLocks } from '../model/locks.js';
import type { Run } from '../model/run.js';
import { formatCount, formatMs, plural } from '../model/units.js';
import type { Judgement } from '../model/verdict.js';
import type { LockSession } from '../model/watch.js';
import { phaseLabel } from './summary.js';
import { clip } from './text.js';

const RELATIONS = 3;

/** What waits for locks did to each phase, a line each; empty where there were none. */
export function lockLines(run: Run, { locks }: Judgement): string[] {
  return (locks?.phases ?? []).map((phase) => {
    const texts = [blockedText(phase), waitedText(phase), latencyText(phase)].filter((text) => text !== null);
    return `${phaseLabel(run.phases, phase.phase)}: ${texts.join('; ')}`;
  });
}

function blockedText({ kind, blockedMs, errorMs, sessions, relations, change, reader }: PhaseLocks): string | null {
  if (sessions === 0) return null;
  const more = relations.length > RELATIONS ? ` and ${formatCount(relations.length - RELATIONS)} more` : '';
  const what = relations.length === 0 ? '' : ` for ${clip(relations.slice(0, RELATIONS).join(', '), 200)}${more}`;
  const waited = `${plural(sessions, 'session')} waited${what}, ${formatMs(blockedMs)} in all (± ${formatMs(errorMs)})`;
  if (kind === 'queue')
    return `${waited}, behind ${sessionText(change)}, which itself waited for ${sessionText(reader)}`;
  return kind === 'held' ? `${waited}, because of ${sessionText(change)}` : waited;
}

function waitedText({ waitedMs, kind, change, reader }: PhaseLocks): string | null {
  if (waitedMs === 0 || kind === 'queue') return null;
  return `the change of the schema waited ${formatMs(waitedMs)}: ${sessionText(change)} for ${sessionText(reader)}`;
}

const LATENCY_TEXT = {
  lock: 'the lock made requests slow',
  other: 'latencies alone do not show that it made requests slow, rather than load or something else',
  none: 'no request was slow',
  unknown: 'whether it made requests slow cannot be told',
};

/** `the lock made requests slow (52 of 60, p = 0.001)`. */
export function latencyText({ latency }: PhaseLocks): string | null {
  if (latency === null) return null;
  const { verdict, slow, within, p } = latency;
  const numbers = [
    ...(slow === 0 ? [] : [`${formatCount(within)} of ${formatCount(slow)} slow ones in that time`]),
    ...(slow === 0 || p === null ? [] : [`p = ${p.toPrecision(2)}`]),
  ];
  return `${LATENCY_TEXT[verdict]}${numbers.length === 0 ? '' : ` (${numbers.join(', ')})`}`;
}

/** `alembic: ALTER TABLE ...`, `report, idle in transaction: SELECT ...`. */
export function sessionText(session: LockSession | null, chars = 120): string {
  if (session === null) return 'a session that was not seen';
  const { application, user, state, statement, pid } = session;
  if (pid === 0) return 'a prepared transaction';
  const name = [application, user].find((each) => each !== null && each !== '') ?? `process ${pid}`;
  const idle = state === null || state === 'active' ? '' : `, ${state}`;
  return `${clip(name, 60)}${idle}${statement === null ? '' : `: ${clip(statement, chars)}`}`;
}
