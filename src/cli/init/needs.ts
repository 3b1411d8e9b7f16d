import { loadScenario } from '../../scenario/load.js';
import { ScenarioError } from '../../scenario/problem.js';

/** What a scenario cannot be run without, and nothing in it gives. */
export interface Needs {
  variables: Need[];
  secrets: string[];
  /** Where users connect; null where that cannot be read yet. */
  url: string | null;
}

interface Need {
  name: string;
  /** What it is, in the words of `${NAME:?words}`; empty where there are none. */
  about: string;
}

export const NO_NEEDS: Needs = { variables: [], secrets: [], url: null };

/** What a scenario file asks the environment for. */
export async function needsOf(file: string): Promise<Needs> {
  const needs: Needs = { variables: [], secrets: [], url: null };
  const env: Record<string, string> = {};
  // With each that is given, those that only it had hidden come to light.
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    try {
      needs.url = (await loadScenario(file, { env })).target.url;
      if (!('RELEASE' in env) && (await readsRelease(file, env))) needs.variables.push({ name: 'RELEASE', about: '' });
      return needs;
    } catch (error) {
      const before = Object.keys(env).length;
      if (error instanceof ScenarioError) for (const problem of error.problems) take(problem, needs, env);
      if (Object.keys(env).length === before) return needs;
    }
  }
  return needs;
}

/** Whether the environment can name the release although the scenario has a default: in a job that would never change. */
async function readsRelease(file: string, env: Record<string, string>): Promise<boolean> {
  const scenario = await loadScenario(file, { env: { ...env, RELEASE: 'unknown' } });
  return scenario.vars.RELEASE === 'unknown';
}

const MOST_ROUNDS = 5;

function take(
  { code, needle, message }: ScenarioError['problems'][number],
  needs: Needs,
  env: Record<string, string>,
): void {
  if (code !== 'VARIABLE_MISSING' || needle === null) return;
  const [, secret, name] = /^\$\{?(?:secret:(\w+)|(\w+))/.exec(needle) ?? [];
  const found = secret ?? name;
  if (found === undefined || found in env) return;
  env[found] = 'unknown';
  if (secret !== undefined) needs.secrets.push(secret);
  else needs.variables.push({ name: found, about: /has no value: (.*)$/s.exec(message)?.[1] ?? '' });
}
