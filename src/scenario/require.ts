import { parseDuration } from '../model/units.js';
import type { Requirement } from '../steps/requirement.js';
import { DEFAULT_HOOK_TIMEOUT } from './hooks.js';
import { type Hosts, hostNamed } from './hosts-ssh.js';
import type { Path, Report } from './problem.js';
import { readAbsolute } from './requests.js';
import type { CheckedRequirements } from './schema.js';
import { show } from './suggest.js';
import type { Targets } from './targets.js';

type Entry = Exclude<CheckedRequirements, unknown[]>;

interface RequireContext {
  targets: Targets;
  hosts: Hosts;
}

/** Reads `require`: one mapping or a list of them, each of which may ask for several things. */
export function readRequirements(
  input: CheckedRequirements | undefined,
  context: RequireContext,
  path: Path,
  report: Report,
): Requirement[] {
  if (input === undefined) return [];
  if (!Array.isArray(input)) return readEntry(input, context, path, report);
  return input.flatMap((entry, index) => readEntry(entry, context, [...path, index], report));
}

function readEntry(entry: Entry, context: RequireContext, path: Path, report: Report): Requirement[] {
  const { env, command, url } = entry;
  if (env === undefined && command === undefined && url === undefined) {
    report(path, 'asks for nothing: give `env`, `command` or `url`');
  }
  const needs = { on: 'command', timeout: 'command', expect: 'url' } as const;
  for (const key of ['on', 'timeout', 'expect'] as const) {
    if (entry[key] === undefined || entry[needs[key]] !== undefined) continue;
    report([...path, key], `\`${key}\` goes with \`${needs[key]}\``, { part: 'key' });
  }
  return [
    ...namesIn(env, [...path, 'env'], report).map((name) => ({ kind: 'env' as const, name })),
    ...(command === undefined ? [] : [readCommand(entry, command, context, path, report)]),
    ...(url === undefined ? [] : readUrl(url, entry, context, path, report)),
  ];
}

function namesIn(env: Entry['env'], path: Path, report: Report): string[] {
  const names = env === undefined ? [] : Array.isArray(env) ? env : [env];
  for (const [index, name] of names.entries()) {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
    const hint = /^\$\{?(\w+)\}?$/.exec(name)?.[1];
    const message = `${show(name)} is no name of a variable: letters, digits and \`_\`, no digit first`;
    report(Array.isArray(env) ? [...path, index] : path, message, {
      hint: hint === undefined ? null : `write \`${hint}\``,
    });
  }
  return names;
}

function readCommand(
  { on, timeout = DEFAULT_HOOK_TIMEOUT }: Entry,
  run: string | string[],
  { hosts }: RequireContext,
  path: Path,
  report: Report,
): Requirement {
  const host = hostNamed(on, hosts, [...path, 'on'], report);
  return { kind: 'command', run, host, timeoutMs: parseDuration(timeout) as number };
}

function readUrl(
  url: string,
  { expect }: Entry,
  { targets }: RequireContext,
  path: Path,
  report: Report,
): Requirement[] {
  // The reader of requests knows the URL by its method.
  const told: Report = (at, message, more) =>
    report(at[path.length] === 'get' ? [...path, 'url', ...at.slice(path.length + 1)] : at, message, more);
  const read = readAbsolute({ get: url, expect }, targets.all, path, told);
  if (read === null) {
    report([...path, 'url'], `expected a URL such as \`http://127.0.0.1:9000/healthz\`, got ${show(url)}`);
    return [];
  }
  return [{ kind: 'url', check: { ...read.request, endpoint: read.target?.endpoint ?? null, version: null } }];
}
