import type { Threshold } from '../model/threshold.js';
import type { ThresholdResult } from '../model/verdict.js';
import type { Measure } from './measure.js';
import type { Reading } from './metrics/metric.js';
import { ruleOfMetric } from './metrics/registry.js';
import { nameOf, type Scope } from './scope.js';

/** A row, and whether it says nothing because of the harness. */
export interface Row {
  result: ThresholdResult;
  harness: boolean;
}

/**
 * Every threshold on everything after the baseline, and one without a selector on each step that has the samples;
 * one of the same metric with that step as its selector replaces it there. One with a step is judged on it alone.
 */
export function evaluateThresholds(m: Measure): Row[] {
  return m.run.header.thresholds.flatMap((threshold) => {
    if (threshold.selector.step !== undefined) return rowsOfStep(threshold, threshold.selector.step, m);
    const whole = rowOf(threshold, m, m.whole);
    return [...(whole === null ? [] : [whole]), ...rowsPerStep(threshold, m)];
  });
}

/** A threshold in one scope; null where it does not apply. */
export function rowOf(threshold: Threshold, m: Measure, scope: Scope): Row | null {
  const reading = ruleOfMetric(threshold.metric).evaluate(threshold, m, scope);
  return reading === null ? null : row(threshold, reading, scope.label);
}

/** Why the samples cannot support a row that has to be supported; null where they do, or where it is only a default. */
export function unprovenReason({ result, harness }: Row): string | null {
  const { ok, origin, level } = result;
  if (ok !== null || level === 'warn' || (origin === 'default' && !harness)) return null;
  return `${result.name} ${result.expression} in ${result.phase}: ${result.note}`;
}

function rowsOfStep(threshold: Threshold, step: string, m: Measure): Row[] {
  const scopes = [m.baseline, ...m.steps].filter((scope) => hasPhase(m, scope, step));
  if (scopes.length > 0) return scopes.flatMap((scope) => rowOf(threshold, m, scope) ?? []);
  return [row(threshold, { actual: null, limit: null, ok: null, note: `${step} did not run` }, step)];
}

function rowsPerStep(threshold: Threshold, m: Measure): Row[] {
  if (!ruleOfMetric(threshold.metric).perStep || Object.keys(threshold.selector).length > 0) return [];
  return m.steps
    .filter((scope) => !isReplaced(threshold, m, scope))
    .flatMap((scope) => rowOf(threshold, m, scope) ?? [])
    .filter(({ result, harness }) => result.ok !== null || harness);
}

function isReplaced(threshold: Threshold, m: Measure, scope: Scope): boolean {
  return m.run.header.thresholds.some(
    ({ metric, selector }) =>
      metric === threshold.metric &&
      selector.step !== undefined &&
      Object.keys(selector).length === 1 &&
      hasPhase(m, scope, selector.step),
  );
}

function hasPhase({ run }: Measure, { phases }: Scope, name: string): boolean {
  return phases.some((index) => nameOf(run, index) === name);
}

function row(threshold: Threshold, reading: Reading, phase: string): Row {
  const { metric, selector, expression, level, origin, source } = threshold;
  const parts = Object.entries(selector).map(([key, value]) => `${key}:${value}`);
  const { actual, limit, ok, note } = reading;
  const name = parts.length === 0 ? metric : `${metric}{${parts.join(',')}}`;
  const result = { metric, name, expression, level, origin, actual, limit, ok, phase, note, source };
  return { result, harness: reading.harness === true };
}
