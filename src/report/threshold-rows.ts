import type { ThresholdResult } from '../model/verdict.js';
import { thresholdState } from './judged.js';

/** A threshold as people read it; the note speaks of the steps that have no row of their own, too. */
export interface ThresholdRow {
  threshold: ThresholdResult;
  note: string;
}

/**
 * A row for each threshold over the run, then one for each step in which it does not stand; the steps that kept it
 * become a remark. A threshold on a step alone keeps all its rows.
 */
export function thresholdRows(thresholds: readonly ThresholdResult[]): ThresholdRow[] {
  const groups = groupsOf(thresholds);
  const steps = Math.max(0, ...groups.map((group) => (group.some(isOfRun) ? group.length - 1 : 0)));
  return groups.flatMap((group) => {
    if (!group.some(isOfRun)) return group.map(plainRow);
    const remark = remarkOf(group, steps);
    return group
      .filter((threshold) => isOfRun(threshold) || !isKept(threshold))
      .map((threshold) => (isOfRun(threshold) ? rowOfRun(threshold, remark) : plainRow(threshold)));
  });
}

export function plainRow(threshold: ThresholdResult): ThresholdRow {
  return { threshold, note: threshold.note };
}

/** Why a threshold does not stand goes before the steps in which it does. */
function rowOfRun(threshold: ThresholdResult, remark: string): ThresholdRow {
  const parts = isKept(threshold) ? [remark, threshold.note] : [threshold.note, remark];
  return { threshold, note: parts.filter((text) => text !== '').join('; ') };
}

/** `steps`: how many the run has. One without the samples for this threshold has no row in `group`. */
function remarkOf(group: readonly ThresholdResult[], steps: number): string {
  const rows = group.filter((threshold) => !isOfRun(threshold));
  const kept = rows.filter(isKept).length;
  if (kept === 0) return '';
  const missing = steps - rows.length;
  if (kept === steps) return steps === 1 ? 'kept in the one step' : `kept in all ${steps} steps`;
  return `kept in ${kept} of ${steps} steps${missing > 0 ? `, ${missing} not judged` : ''}`;
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
