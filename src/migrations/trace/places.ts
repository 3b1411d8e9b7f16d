import type { PlaceOf } from './findings.js';
import type { Measured } from './measure.js';
import type { TraceOptions } from './options.js';
import type { Place } from './work.js';

/** By the user's files where there are any, else by number. */
export function placesIn({ facts, run }: Measured): PlaceOf {
  return (each) => {
    const known = run.places.get(each.seen);
    if (known !== undefined) return known;
    const lines = each.sql.split('\n');
    return {
      file: `statement ${facts.indexOf(each) + 1}`,
      line: 1,
      column: 1,
      endLine: lines.length,
      endColumn: (lines.at(-1) as string).length + 1,
    };
  };
}

/** The migration as a whole. */
export function wholeOf(first: Measured, { migration }: TraceOptions): Place {
  const at = { line: 1, column: 1, endLine: 1, endColumn: 1 };
  if ('sql' in migration) return { file: migration.sql[0]?.file ?? '', ...at };
  return { file: `statement ${Math.max(1, first.facts.length)}`, ...at };
}
