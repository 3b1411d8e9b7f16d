import { aggregateOf, compared, type Evaluate, silent } from './metric.js';

/** From the start of the rollback's command to ready, ms; of every rollback of the run. */
export const evaluateRollbackTime: Evaluate = (threshold, m) => {
  const { rollbacks } = m.run;
  if (rollbacks.length === 0) return threshold.origin === 'default' ? null : silent('there was no rollback to measure');
  if (rollbacks.some(({ ms }) => ms === null))
    return m.run.cut
      ? silent('the record ends before a rollback was ready')
      : { actual: null, limit: threshold.value, ok: false, note: 'a rollback never became ready' };
  const times = rollbacks.map(({ ms }) => ms as number);
  const actual = aggregateOf(times, threshold);
  return actual === null ? silent('a rollback has a time') : compared(threshold, actual, () => null);
};
