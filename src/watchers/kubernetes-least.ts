import type { WatchContext } from './watcher.js';

/** Counts of which the least of each second is recorded: what is missing for a moment is what matters. */
export function createLeast(record: WatchContext['record']) {
  const counts = new Map<string, { least: number; last: number }>();
  return {
    see(subject: string, value: number): void {
      const before = counts.get(subject);
      counts.set(subject, { least: Math.min(value, before?.least ?? value), last: value });
    },
    /** It is not known any more. */
    forget(subject: string): void {
      counts.delete(subject);
    },
    second(): void {
      for (const [subject, count] of counts) {
        record({ what: 'value', subject, value: count.least, unit: 'count' });
        count.least = count.last;
      }
    },
  };
}
