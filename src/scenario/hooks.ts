import { resolve } from 'node:path';
import { parseDuration } from '../model/units.js';
import type { Hook } from '../steps/hook.js';
import type { Path, Report } from './problem.js';
import type { CheckedHooks } from './schema.js';
import { checkVariableName } from './steps.js';

export const DEFAULT_HOOK_TIMEOUT = '30s';

/** Reads `on` at the top of a scenario. */
export function readHooks(input: CheckedHooks | undefined, dir: string, path: Path, report: Report): Hook[] {
  return (input ?? []).map(({ event, run, cwd, env = {}, timeout = DEFAULT_HOOK_TIMEOUT }, index) => {
    for (const name of Object.keys(env)) checkVariableName(name, [...path, index, 'env', name], report);
    return {
      event,
      run,
      cwd: cwd === undefined ? null : resolve(dir, cwd),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)])),
      timeoutMs: parseDuration(timeout) as number,
    };
  });
}
