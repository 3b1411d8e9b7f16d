import type { Deploy, Deploys } from '../model/deploys.js';
import { failureRateUpper95 } from './statistics.js';

/**
 * How many of several deploys harmed users. The bound is one on deploys: however many requests each of them served, 20
 * deploys are 20 trials, as the requests of one share its fate. A deploy that proves nothing counts as neither.
 */
export function deploysOf(done: readonly Deploy[], planned: number): Deploys {
  const runs = done.map((deploy) => ({ ...deploy, counts: countsAs(deploy) }));
  const number = (kind: (typeof runs)[number]['counts']) => runs.filter(({ counts }) => counts === kind).length;
  const [good, bad] = [number('good'), number('bad')];
  return {
    planned: Math.max(planned, done.length),
    deploys: good + bad,
    good,
    bad,
    inconclusive: number('inconclusive'),
    badRateUpper95: failureRateUpper95(bad, good + bad),
    runs,
  };
}

/** By the verdict alone: a threshold that was crossed harms nobody, and a release that failed without harm proves nothing. */
function countsAs({ verdict }: Deploy): Deploys['runs'][number]['counts'] {
  if (verdict === 'zero-downtime') return 'good';
  return verdict === 'downtime' ? 'bad' : 'inconclusive';
}
