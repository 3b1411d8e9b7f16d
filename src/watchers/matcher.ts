import type { LinePattern } from './plan.js';
import type { WatchContext } from './watcher.js';

/** Characters of a line that patterns are held against. */
const MATCHED_CHARS = 4000;
/** Lines of one pattern that are put on record in a second, and of all in a run; beyond that they are counted. */
const KEPT_PER_SEC = 20;
const KEPT_IN_ALL = 5000;

/** Ids as applications and proxies write them into a line: `request_id=4f1c`, `"x-request-id": "4f1c"`. */
export const REQUEST_ID = /\b(?:x[-_])?(?:request|req|correlation)[-_]?id["']?\s*[=:]\s*["']?([\w.:-]{1,100})/i;

/** Holds lines against the patterns; a line counts for the first that it matches. */
export function createMatcher(
  given: readonly LinePattern[],
  { record, clock }: Pick<WatchContext, 'record' | 'clock'>,
) {
  const patterns = given.map(({ name, source, flags }) => ({ name, pattern: new RegExp(source, flags) }));
  const counts = new Map<string, number>();
  const kept = new Map<string, { second: number; count: number }>();
  let keptInAll = 0;

  const isKept = (name: string, at: number): boolean => {
    const second = Math.floor(at / 1000);
    const before = kept.get(name);
    const count = before?.second === second ? before.count : 0;
    if (count >= KEPT_PER_SEC || keptInAll >= KEPT_IN_ALL) return false;
    kept.set(name, { second, count: count + 1 });
    keptInAll += 1;
    return true;
  };

  return {
    line(text: string): void {
      const part = text.slice(0, MATCHED_CHARS);
      for (const { name, pattern } of patterns) {
        const match = pattern.exec(part);
        if (match === null) continue;
        counts.set(name, (counts.get(name) ?? 0) + 1);
        const requestId = match.groups?.id ?? REQUEST_ID.exec(part)?.[1] ?? null;
        if (isKept(name, clock.now())) record({ what: 'line', pattern: name, text, requestId });
        return;
      }
    },
    /** Puts on record how many lines matched since the last time. */
    flush(): void {
      for (const [pattern, count] of counts) record({ what: 'lines', pattern, count });
      counts.clear();
    },
  };
}
