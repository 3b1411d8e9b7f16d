import type { OldCheck } from '../../model/old-checks.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';
import { errorRate, noErrors } from './error-gates.js';
import { healthLoop } from './health-loop.js';
import { missedByAll } from './missed.js';
import { retryingGenerator } from './retrying-generator.js';

/**
 * What the checks that teams usually have would have said of this run. An emulation from the record: nothing was sent
 * for it. Where the record only bounds a number, both bounds are given; `basis` says how each is worked out and what it
 * cannot know.
 */
export function oldChecksOf(m: Measure, evidence: Evidence, change: VersionChange): OldCheck[] {
  const unseen = missedByAll(m, evidence, change);
  return [healthLoop, retryingGenerator, errorRate, noErrors].map((check) => {
    const { missed, ...rest } = check(m);
    return { ...rest, missed: [...missed, ...unseen] };
  });
}
