import type { DecisionCause, DecisionEvent } from '../model/event.js';

export interface HaltReason {
  cause: DecisionCause;
  detail: string;
  signal?: NonNullable<DecisionEvent['signal']>;
}

/** The one place that says the release is not to go on. The first reason stands. */
export class Halt {
  readonly #controller = new AbortController();
  #reason: HaltReason | null = null;
  #signal: HaltReason['signal'] | null = null;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): HaltReason | null {
    return this.#reason;
  }

  /** The first signal that came, also where something else had halted the release before. */
  get received(): NonNullable<HaltReason['signal']> | null {
    return this.#signal ?? null;
  }

  request(reason: HaltReason): void {
    this.#signal ??= reason.signal ?? null;
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#controller.abort(new Halted());
  }
}

/** Thrown by what was waiting when the release was halted. */
export class Halted extends Error {
  override readonly name = 'Halted';
}
