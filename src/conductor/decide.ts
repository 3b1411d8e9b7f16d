import type { DecisionCause } from '../model/event.js';
import type { RunContext } from './context.js';

/** Runs in which a signal was the cause of a decision. */
const decidedBySignal = new WeakSet<RunContext>();

/** Puts on record that the release is not to go on as planned, and why. */
export function decide(
  context: RunContext,
  cause: DecisionCause,
  action: 'rollback' | 'abort' | 'continue',
  detail: string,
): void {
  if (cause === 'signal') decidedBySignal.add(context);
  const signal = cause === 'signal' ? context.halt.received : null;
  context.recorder.event({
    type: 'decision',
    at: context.clock.now(),
    cause,
    action,
    detail,
    ...(signal === null ? {} : { signal }),
  });
}

/** A signal that came when there was nothing left to stop (in a rollback, in the teardown) still counts. */
export function decideLateSignal(context: RunContext): void {
  const { received } = context.halt;
  if (received === null || decidedBySignal.has(context)) return;
  decide(context, 'signal', 'continue', `${received} received`);
}
