import type { Finding } from '../../model/verdict.js';
import type { Evidence } from '../evidence.js';
import type { Measure } from '../measure.js';
import type { VersionChange } from '../version-change.js';

/** One kind of fact a reader should know; a pure function of the run. `name` is the `rule` of its findings. */
export interface Rule {
  name: string;
  find(m: Measure, evidence: Evidence, change: VersionChange): Omit<Finding, 'rule'>[];
}
