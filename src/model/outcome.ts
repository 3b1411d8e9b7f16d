/** The fate of one arrival of the schedule. */

/** The connection or the protocol failed: what a user sees as an error page of the browser. */
export const LOST_CAUSES = [
  'refused',
  'reset',
  'closed',
  'truncated',
  'timeout',
  'protocol',
  'tls',
  'goaway',
  'refused-stream',
] as const;
/** A whole answer came, and it is not the one that was expected. */
export const WRONG_CAUSES = ['unexpected-status', 'expectation'] as const;
/** The harness, or its resolver, did not send: neither success nor a fault of the app. */
export const UNSENT_CAUSES = ['late', 'cap', 'dns', 'descriptors', 'ports'] as const;

export type LostCause = (typeof LOST_CAUSES)[number];
export type WrongCause = (typeof WRONG_CAUSES)[number];
export type UnsentCause = (typeof UNSENT_CAUSES)[number];
export type FailureCause = LostCause | WrongCause;
export const FAILURE_CAUSES = [...LOST_CAUSES, ...WRONG_CAUSES] as const;

/**
 * `status` is set wherever a status line was read. `detail` is short text for people: an error code or the
 * expectation that failed; it may hold text of the server and is escaped wherever it is shown.
 * `retryable` is a loss that a browser would hide by sending again: a risk, not a failure. `blocked` is the answer of a
 * rate limiter or firewall: it says nothing of the app, neither good nor bad.
 */
export type Outcome =
  | { kind: 'ok'; status: number }
  | { kind: 'wrong'; cause: WrongCause; status: number; detail: string }
  | { kind: 'lost'; cause: LostCause; status: number | null; detail: string }
  | { kind: 'retryable'; cause: LostCause; status: null; detail: string }
  | { kind: 'blocked'; status: number; detail: string }
  | { kind: 'unsent'; cause: UnsentCause; detail: string };

/** Whether the outcome is a failed request: something a user would notice. */
export function isFailure(outcome: Outcome): outcome is Extract<Outcome, { kind: 'wrong' | 'lost' }> {
  return outcome.kind === 'wrong' || outcome.kind === 'lost';
}

export function isConnectionError(cause: FailureCause): cause is LostCause {
  return (LOST_CAUSES as readonly string[]).includes(cause);
}
