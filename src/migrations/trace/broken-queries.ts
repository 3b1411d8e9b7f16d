import type { MigrationFinding, TracedQuery } from '../../model/migrations.js';
import { blame } from './blame.js';
import type { Facts } from './facts.js';
import { type PlaceOf, queryFinding } from './findings.js';
import type { Measured } from './measure.js';
import { placesIn, wholeOf } from './places.js';
import type { TraceRuleName } from './rules.js';
import type { Traced } from './traced.js';

/** Queries that no longer work, placed at the statement that they most likely fail by. */
export function brokenQueries({ old, back, runs, options }: Traced): MigrationFinding[] {
  const first = runs[0] as Measured;
  const placeOf = placesIn(first);
  const failing = (list: readonly TracedQuery[]) => list.filter(({ error }) => error !== null);
  const whole = wholeOf(first, options);
  const placed = (query: TracedQuery, facts: readonly Facts[], place: PlaceOf) => {
    const guilty = blame(query, facts);
    return guilty === null ? whole : place(guilty);
  };
  const forth = failing(old?.queries ?? []).map((query) =>
    queryFinding(placed(query, first.facts, placeOf), query, {
      rule: 'old-query-fails',
      when: 'after the migration, while the old release still runs',
    }),
  );
  if (back === null) return forth;
  const placeBack = placesIn(back.run);
  const backwards = (list: readonly TracedQuery[], rule: TraceRuleName, when: string) =>
    failing(list).map((query) => queryFinding(placed(query, back.run.facts, placeBack), query, { rule, when }));
  return [
    ...forth,
    ...backwards(back.new.queries, 'rollback-new-query-fails', 'after the way back, while the new release still runs'),
    ...backwards(back.old.queries, 'rollback-old-query-fails', 'after the way back'),
  ];
}
