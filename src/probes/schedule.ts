import type { ProbeContext } from './probe.js';

type Timing = Pick<ProbeContext, 'clock' | 'stopping' | 'signal'>;

/** Turns under way at once, beyond which one is left out: a target that hangs must not fill the harness. */
const MOST_UNDER_WAY = 100;

/**
 * Calls `turn` every `everyMs` by an absolute schedule until `stopping`, without waiting for what it began; a turn that
 * the harness slept through is left out. Resolves when every turn has ended, rejects where one threw.
 */
export async function repeat(
  timing: Timing,
  everyMs: number,
  turn: (number: number) => Promise<void>,
  most = MOST_UNDER_WAY,
): Promise<void> {
  const { clock, stopping, signal } = timing;
  const beganAt = clock.now();
  const underWay = new Set<Promise<void>>();
  const errors: unknown[] = [];
  const begin = (number: number): void => {
    const done = turn(number)
      .catch((error) => errors.push(error))
      .then(() => void underWay.delete(done));
    underWay.add(done);
  };
  let slot = 0;
  for (let number = 0; !stopping.aborted && errors.length === 0; ) {
    if (underWay.size < most) {
      begin(number);
      number += 1;
    }
    slot = Math.max(slot + 1, Math.ceil((clock.now() - beganAt) / everyMs));
    await pause(timing, beganAt + slot * everyMs - clock.now());
  }
  await Promise.all(underWay);
  if (errors.length > 0) throw errors[0];
  signal.throwIfAborted();
}

/** Resolves after `ms`, or at once when the probe is to stop. */
export async function pause({ clock, stopping }: Pick<Timing, 'clock' | 'stopping'>, ms: number): Promise<void> {
  if (!stopping.aborted) await clock.sleep(ms, stopping).catch(() => {});
}
