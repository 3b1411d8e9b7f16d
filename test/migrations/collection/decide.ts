import type { Observation } from './observe.ts';
import type { QueryError } from './traffic.ts';

/** The same migration with few rows and with many. */
export interface Attempt {
  small: Observation;
  large: Observation;
}

const BLOCKED_MS = 60;
const GROWTH = 4;
/** Below the log's threshold, and what a busy machine adds to any wait. */
const FLOOR_MS = 10;
/** Shorter than any wait that matters. */
const SILENT_MS = 30;

/** Whether somebody waited for a time that grows with the table. */
export function isBlocked({ small, large }: Attempt): boolean {
  return large.blockedMs > BLOCKED_MS && large.blockedMs > GROWTH * Math.max(small.blockedMs, FLOOR_MS);
}

/**
 * Whether it tells anything of waits: where the old release's queries did not come through for a large part of the
 * migration, because the machine was busy, nobody could wait.
 */
export function isTelling(attempt: Attempt): boolean {
  const { silentMs, migrationMs } = attempt.large;
  return isBlocked(attempt) || silentMs <= Math.max(SILENT_MS, migrationMs / 4);
}

/** Whether another attempt is needed: one that is clear is enough, three where the figures are near the limits. */
export function isUndecided(attempts: readonly Attempt[]): boolean {
  if (unconditional(attempts).length > 0) return false;
  const telling = attempts.filter(isTelling);
  return telling.length === 0 || (telling.some(isNearLimits) && telling.length < 3);
}

function isNearLimits({ small, large }: Attempt): boolean {
  const clearly =
    large.blockedMs > 2 * BLOCKED_MS && large.blockedMs > 2 * GROWTH * Math.max(small.blockedMs, FLOOR_MS);
  return !clearly && large.blockedMs > BLOCKED_MS / 2;
}

/** Why a migration is unsafe; none where it is safe. */
export function reasons(attempts: readonly Attempt[]): string[] {
  const telling = attempts.filter(isTelling);
  const blocked = telling.filter(isBlocked);
  const all = unconditional(attempts);
  const { small, large } = blocked.at(-1) ?? attempts.at(-1)!;
  if (blocked.length * 2 > telling.length)
    all.push(
      `waits of ${large.blockedMs} ms with ${large.rows} rows, ${small.blockedMs} ms with ${small.rows}: ${large.blockedFor}`,
    );
  return all;
}

/** What no timing is needed for. */
function unconditional(attempts: readonly Attempt[]): string[] {
  const all = attempts
    .flatMap(({ small, large }) => [small, large])
    .flatMap(({ failed, invalidIndexes, oldErrors, down }) => [
      ...(failed === null ? [] : [`it fails: ${failed}`]),
      ...invalidIndexes.map((index) => `the index ${index} is left behind INVALID`),
      ...oldErrors.map((error) => `old query: ${toldOf(error, oldErrors)}`),
      ...(down === null || down.failed === null ? [] : [`the way back fails: ${down.failed}`]),
      ...(down?.newErrors ?? []).map((error) => `new query after the way back: ${toldOf(error, down?.newErrors)}`),
    ]);
  return [...new Set(all)];
}

/** The form is named where the other one works. */
function toldOf({ sql, form, sqlstate, message }: QueryError, all: readonly QueryError[] = []): string {
  const isBoth = all.some((each) => each.sql === sql && each.sqlstate === sqlstate && each.form !== form);
  return `${sqlstate} ${message}: ${isBoth ? '' : `${form} `}${sql}`;
}
