import { createHash } from 'node:crypto';
import { ZddError } from '../model/errors.js';
import { buildScenario } from './build.js';
import { check } from './check.js';
import { effectiveScenario } from './effective.js';
import { readTargetUrl } from './endpoints.js';
import { formatPath, type Problem, problemAt, type Report, ScenarioError } from './problem.js';
import type { Scenario } from './scenario.js';
import { type ScenarioInput, scenarioSchema } from './schema.js';
import { escapeTemplate } from './template.js';

export interface CommandOptions {
  url: string;
  /** `100/s` without it. */
  rate?: string | null;
  /** Shell script of the way back. */
  rollback?: string | null;
  /** `rollback`, `rollback-forward` or `none`. */
  rehearsal?: string | null;
  /** The deploy command, run without a shell. */
  command: readonly string[];
  /** Where it runs; the current folder without it. */
  dir?: string;
}

const TIMES = { baseline: '10s', hold: '10s', timeout: '1h', maxDuration: '2h' } as const;

/** Which option of the command line a fault lies in. */
const OPTION_OF: Readonly<Record<string, string>> = {
  'target.url': '--url',
  'traffic.rate': '--rate',
  'traffic.mix[0].get': '--url',
  'rollback.run': '--rollback',
  rehearsal: '--rehearsal',
};

/**
 * The scenario of `run --url URL -- COMMAND`: one flow, GET of the URL's path, beside one phase `deploy`.
 * @throws ZddError USAGE without a command, a ScenarioError where URL, rate or rollback will not do.
 */
export function scenarioFromCommand(options: CommandOptions): Scenario {
  const { url, rate, rollback, rehearsal, command, dir = process.cwd() } = options;
  if (command.length === 0)
    throw new ZddError('USAGE', 'no command to run', { hint: 'zdd-verify run --url URL -- COMMAND' });
  const problems: Problem[] = [];
  const report: Report = (path, message, more) => {
    const option = OPTION_OF[formatPath(path)] ?? 'command line';
    problems.push(problemAt([], message, { ...more, origin: option }));
  };
  // The query belongs to the flow here: only then is the rest of the URL a target's.
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const input: ScenarioInput = {
    version: 1,
    name: nameOf(command),
    target: { url: parsed === null || parsed.origin === 'null' ? url : originWithUser(parsed) },
    traffic: {
      rate: rate ?? '100/s',
      mix: [{ get: parsed === null ? '/' : `${parsed.pathname}${parsed.search}` || '/' }],
    },
    baseline: TIMES.baseline,
    steps: [{ name: 'deploy', kind: 'custom', run: [...command], timeout: TIMES.timeout, hold: TIMES.hold }],
    ...(rehearsal == null ? {} : { rehearsal: rehearsal as NonNullable<ScenarioInput['rehearsal']> }),
    ...(rollback == null
      ? {}
      : { rollback: { name: 'rollback', run: rollback, timeout: TIMES.timeout, hold: TIMES.hold } }),
    maxDuration: TIMES.maxDuration,
  };
  const checked = check(scenarioSchema, input, report);
  if (parsed === null && checked !== null) readTargetUrl(url, ['target', 'url'], report);
  if (checked !== null && problems.length === 0) {
    const sha256 = createHash('sha256').update(JSON.stringify(input)).digest('hex');
    const known = { steps: ['deploy', 'rollback'], flows: [], probes: [], targets: [], hosts: [] };
    const context = {
      file: null,
      dir,
      sha256,
      vars: {},
      secrets: [],
      known,
      files: new Map(),
      migrationFiles: new Map(),
      hasRollback: rollback != null,
      sourceOf: () => null,
    };
    const built = buildScenario(checked.value, context, report);
    if (problems.length === 0) return { ...built, effective: effectiveScenario(escaped(input, []), built) };
  }
  throw new ScenarioError('the command line', problems, []);
}

function nameOf(command: readonly string[]): string {
  const text = command
    .join(' ')
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  if (text === '') return 'deploy';
  return text.length <= 100 ? text : `${text.slice(0, 97)}...`;
}

/** Credentials stay, for the check that refuses them. */
function originWithUser({ protocol, username, password, host }: URL): string {
  return `${protocol}//${username === '' && password === '' ? '' : `${username}:${password}@`}${host}`;
}

/** Nothing of a command line is put in; in the form of a scenario file every `$` of it is a plain one. */
function escaped(value: unknown, path: readonly (string | number)[]): unknown {
  if (typeof value === 'string') return formatPath(path) === 'rollback.run' ? value : escapeTemplate(value);
  if (Array.isArray(value)) return value.map((item, index) => escaped(item, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, escaped(item, [...path, key])]));
}
