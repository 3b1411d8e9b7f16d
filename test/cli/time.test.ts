import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
/**
 * The sending loop is its own timer, the probes' thread watches its own loop, the watchdog is a process of its own, and
 * the client runs in a reader's browser. Others wait a turn of the event loop, so that what came is read first.
 */
const OWN_TIMERS = [
  'conductor/watchdog-process.ts',
  'engine/sender.ts',
  'engine/traffic.ts',
  'probes/thread.ts',
  'report/html/client/failed-requests-table.ts',
  'report/html/client/follow.ts',
  'report/html/client/timeline-chart.ts',
];

const CLOCKS = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bhrtime\b/;
const TIMERS = /(?<!\.)\bset(?:Timeout|Interval|Immediate)\(|node:timers/;

describe('time', () => {
  it('is asked for in platform/ and nowhere else', () => {
    expect(filesWith(CLOCKS)).toEqual([]);
  });

  it('is waited for in platform/, and by what has timers of its own', () => {
    expect(filesWith(TIMERS)).toEqual(OWN_TIMERS);
  });
});

/** Files of src outside platform/ whose code (not comments) matches. */
function filesWith(pattern: RegExp): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('platform/'))
    .filter((path) => pattern.test(withoutComments(readFileSync(join(SRC, path), 'utf8'))))
    .sort();
}

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
