import type { WatchContext } from './watcher.js';

/**
 * Calls `look` every `everyMs` (asked anew after each), one at a time, until the run ends, and then once more. It is called a first time at
 * once. Where there is no time left, a look under way is not waited for.
 */
export async function poll(
  { clock, stopping, signal }: WatchContext,
  everyMs: number | (() => number),
  look: () => void | Promise<void>,
): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  while (!signal.aborted) {
    const isLast = stopping.aborted;
    await Promise.race([look(), aborted]);
    if (isLast) return;
    // The end of the run cuts the pause short.
    await clock.sleep(typeof everyMs === 'number' ? everyMs : everyMs(), stopping).catch(() => {});
  }
}
