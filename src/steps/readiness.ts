import type { Outcome } from '../model/outcome.js';
import type { Clock } from '../platform/clock.js';
import { ask } from '../wire/ask.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { Readiness, ReadinessCheck } from './step.js';

export interface ReadinessOptions {
  /** The main service: where a check that names no other is sent. */
  endpoint: Endpoint;
  userAgent: string;
  /** A check that has no answer after this long has failed, ms. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
  onCheck(check: { at: number; ok: boolean; detail: string; passed: number; of: number }): void;
}

/**
 * Asks until every check passed `consecutive` times in a row, each on a fresh connection. Resolves with whether
 * that came about within the time given; rejects only when the signal aborts it.
 */
export async function awaitReady(
  gate: Readiness,
  options: ReadinessOptions,
): Promise<{ ready: boolean; detail: string }> {
  const { clock, signal } = options;
  const deadline = clock.now() + gate.withinMs;
  let passed = 0;
  let detail = NEVER_ASKED;
  while (clock.now() < deadline) {
    const failed = await firstFailure(gate.checks, deadline, options);
    passed = failed === null ? passed + 1 : 0;
    // A question that the deadline cut short says less than the answer before it.
    if (failed === null) detail = 'passed';
    else if (!failed.cut || detail === NEVER_ASKED) detail = failed.detail;
    options.onCheck({ at: clock.now(), ok: failed === null, detail, passed, of: gate.consecutive });
    if (passed >= gate.consecutive) return { ready: true, detail: `${passed} in a row` };
    // A row that has begun is asked for quickly; a server that is not there is not hammered.
    await clock.sleep(failed === null ? Math.min(gate.intervalMs, 20) : gate.intervalMs, signal);
  }
  return { ready: false, detail: `${passed}/${gate.consecutive} in a row, last: ${detail}` };
}

const NEVER_ASKED = 'never asked';
/** A question that is given less time than this before the deadline may well go unanswered. */
const LITTLE_MS = 500;

/** `cut`: there was no answer in the little time that was left. */
async function firstFailure(
  checks: ReadinessCheck[],
  deadline: number,
  options: ReadinessOptions,
): Promise<{ detail: string; cut: boolean } | null> {
  for (const check of checks) {
    const timeoutMs = Math.max(1, Math.min(options.timeoutMs, deadline - options.clock.now()));
    const { outcome, version } = await ask(check, {
      ...options,
      endpoint: check.endpoint ?? options.endpoint,
      timeoutMs,
      version: check.version?.from ?? null,
    });
    const question = `${check.method} ${check.path}`;
    if (outcome.kind !== 'ok') {
      const cut =
        timeoutMs < Math.min(LITTLE_MS, options.timeoutMs) && outcome.kind === 'lost' && outcome.cause === 'timeout';
      return { detail: `${question}: ${describe(outcome)}`, cut };
    }
    if (check.version !== null && !isExpected(version, check.version.expected)) {
      return {
        detail: `${question}: ${version === null ? 'no version in the answer' : `version ${version}`}`,
        cut: false,
      };
    }
  }
  return null;
}

function isExpected(version: string | null, expected: string | RegExp): boolean {
  return version !== null && (typeof expected === 'string' ? version === expected : expected.test(version));
}

function describe(outcome: Exclude<Outcome, { kind: 'ok' }>): string {
  const what = outcome.kind === 'blocked' ? `blocked by status ${outcome.status}` : outcome.cause;
  return outcome.detail === '' ? what : `${what} (${outcome.detail})`;
}
