import type { ThresholdResult } from '../model/verdict.js';
import { type ThresholdState, thresholdState } from './judged.js';

/** A threshold as people read it; the note speaks of the steps that have no row of their own, too. */
export interface ThresholdRow {
  threshold: ThresholdResult;
  state: ThresholdState;
  note: string;
}

/**
 * A row for each threshold over the run, then one for each step in which it does not stand; the steps that kept it
 * become a remark. A threshold on a step alone keeps all its rows.
 */
export function thresholdRows(thresholds: readonly ThresholdResult[]): ThresholdRow[] {
  const groups = groupsOf(thresholds);
  const steps = [...new Set(groups.filter((group) => group.some(isOfRun)).flatMap(stepsOf))];
  return groups.flatMap((group) => {
    if (!group.some(isOfRun)) return group.map(plainRow);
    return group
      .filter((threshold) => isOfRun(threshold) || !isKept(threshold))
      .map((threshold) => (isOfRun(threshold) ? rowOfRun(threshold, group, steps) : plainRow(threshold)));
  });
}

export function plainRow(threshold: ThresholdResult): ThresholdRow {
  return { threshold, state: thresholdState(threshold), note: threshold.note };
}

/** Why a threshold does not stand goes before the steps in which it does. */
function rowOfRun(
  threshold: ThresholdResult,
  group: readonly ThresholdResult[],
  steps: readonly string[],
): ThresholdRow {
  const judged = stepsOf(group);
  // A threshold with a selector is judged on the run alone.
  const missing = judged.length === 0 ? [] : steps.filter((step) => !judged.includes(step));
  const remark = remarkOf(group, steps.length, missing);
  const isWhole = isKept(threshold);
  const parts = isWhole ? [remark, threshold.note] : [threshold.note, remark];
  const state = isWhole && missing.length > 0 ? 'partly' : thresholdState(threshold);
  return { threshold, state, note: parts.filter((text) => text !== '').join('; ') };
}

/** `steps`: how many the run has; `missing`: those in which this threshold was not judged. */
function remarkOf(group: readonly ThresholdResult[], steps: number, missing: readonly string[]): string {
  const kept = group.filter((threshold) => !isOfRun(threshold) && isKept(threshold)).length;
  if (kept === 0) return '';
  if (kept === steps) return steps === 1 ? 'kept in the one step' : `kept in all ${steps} steps`;
  const unjudged = missing.length === 0 ? '' : `, not judged in ${missing.join(', ')}: too few samples, or too noisy`;
  return `kept in ${kept} of ${steps} steps${unjudged}`;
}

function stepsOf(group: readonly ThresholdResult[]): string[] {
  return group.filter((threshold) => !isOfRun(threshold)).map(({ phase }) => phase);
}

function isKept(threshold: ThresholdResult): boolean {
  return thresholdState(threshold) === 'kept';
}

function isOfRun({ phase }: ThresholdResult): boolean {
  return phase === 'run';
}

/** Rows of one threshold of the scenario, in the order of the first of each. */
function groupsOf(thresholds: readonly ThresholdResult[]): ThresholdResult[][] {
  const groups = new Map<string, ThresholdResult[]>();
  for (const threshold of thresholds) {
    const { name, expression, level, source } = threshold;
    const key = JSON.stringify([name, expression, level, source]);
    const group = groups.get(key) ?? [];
    group.push(threshold);
    groups.set(key, group);
  }
  return [...groups.values()];
}
