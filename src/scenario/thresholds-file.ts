import type { Threshold } from '../model/threshold.js';
import { check } from './check.js';
import { type Path, type Problem, problemAt, type Report, ScenarioError } from './problem.js';
import { thresholdsSchema } from './schema.js';
import { readSource } from './source.js';
import { withDefaults } from './threshold-defaults.js';
import { type KnownNames, readThresholds } from './thresholds.js';

/**
 * Reads a file of thresholds: a mapping like the scenario's `thresholds:`, or one under that key. The defaults are
 * added, as in a scenario.
 * @throws ZddError SCENARIO_UNREADABLE or SCENARIO_INVALID, with every problem and its place.
 */
export async function loadThresholdsFile(file: string, known: KnownNames): Promise<Threshold[]> {
  const source = await readSource(file);
  const problems: Problem[] = [];
  const keyed =
    typeof source.value === 'object' && source.value !== null && Object.keys(source.value).join() === 'thresholds';
  const prefix: Path = keyed ? ['thresholds'] : [];
  const value = keyed ? (source.value as { thresholds: unknown }).thresholds : source.value;
  const report: Report = (path, message, more = {}) => {
    const { part = 'value', needle = null } = more;
    problems.push(problemAt(path, message, { ...more, location: source.locate(path, part, needle) }));
  };
  const checked = check(thresholdsSchema, value, (path, message, more) => report([...prefix, ...path], message, more));
  const sourceOf = (path: Path) => {
    const location = source.locate(path, 'value', null);
    return location === null ? null : { file: source.file, line: location.line };
  };
  const thresholds = checked === null ? [] : readThresholds(checked.value, known, prefix, report, sourceOf);
  if (problems.length > 0) throw new ScenarioError(source.display, problems, source.lines);
  return withDefaults(thresholds, known.probes);
}
