import { parseDuration } from '../model/units.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { VersionPlan } from '../wire/plan.js';
import { isPrivate, type Place, readEndpoint } from './endpoints.js';
import { readHeaders } from './headers.js';
import { isTrue } from './leaves.js';
import { readVersion } from './matchers.js';
import type { Path, Report } from './problem.js';
import type { CheckedScenario, CheckedTarget } from './schema.js';
import { didYouMean, oneOf } from './suggest.js';

export const DEFAULT_TIMEOUT = '5s';

/** A service, as requests to it need it. */
export interface Target {
  endpoint: Endpoint;
  /** Path of the target's URL without its last slash: put before every path. */
  prefix: string;
  headers: Record<string, string>;
  /** Whether writing there needs no permission, or has it. */
  mayWrite: boolean;
  allowWrites: boolean;
}

export interface Targets {
  all: readonly [Target, ...Target[]];
  timeoutMs: number;
  version: { plan: VersionPlan | null; changes: boolean };
}

/** Reads `target`, or `targets`. */
export function readTargets(input: CheckedScenario, place: Place, report: Report): Targets {
  const { target, targets } = input;
  if (target !== undefined && targets !== undefined) {
    report(['targets'], '`target` and `targets` are both given', { part: 'key', hint: 'keep one' });
  }
  if (targets === undefined) {
    if (target === undefined) report(['target'], 'is missing: expected a mapping with `url`', { part: 'key' });
    return readMain('', target ?? { url: 'http://localhost' }, [], ['target'], place, report);
  }
  const named = Object.entries(targets);
  for (const [name] of named) {
    if (!/^[A-Za-z][\w-]*$/.test(name)) {
      const message = `\`${name}\` does not do as a name: letters, digits, \`_\` and \`-\`, a letter first`;
      report(['targets', name], message, { part: 'key' });
    }
  }
  if (named.length === 0) report(['targets'], 'is empty: expected at least one target');
  if (named.length > MAX_TARGETS) report(['targets'], `has more than ${MAX_TARGETS} entries`);
  const [first, ...others] = named;
  const [name, main] = first ?? ['', { url: 'http://localhost' }];
  return readMain(name, main, others, ['targets', name], place, report);
}

const MAX_TARGETS = 50;

function readMain(
  name: string,
  main: CheckedTarget,
  others: [string, CheckedTarget][],
  path: Path,
  place: Place,
  report: Report,
): Targets {
  const first = readTarget(name, main, path, place, report);
  const rest = others.map(([other, input]) => {
    for (const key of ['version', 'timeout'] as const) {
      if (input[key] === undefined) continue;
      const hint = `say it in the first target, \`${name}\``;
      report(['targets', other, key], `one \`${key}\` holds for all targets`, { part: 'key', hint });
    }
    return readTarget(other, input, ['targets', other], place, report);
  });
  return {
    all: [first, ...rest],
    timeoutMs: parseDuration(main.timeout ?? DEFAULT_TIMEOUT) as number,
    version: readVersion(main.version, [...path, 'version'], report),
  };
}

function readTarget(name: string, input: CheckedTarget, path: Path, place: Place, report: Report): Target {
  const { endpoint, prefix } = readEndpoint(name, input, path, place, report);
  const allowWrites = isTrue(input.allowWrites);
  return {
    endpoint,
    prefix,
    headers: readHeaders(input.headers, [...path, 'headers'], report),
    allowWrites,
    mayWrite: allowWrites || isPrivate(endpoint),
  };
}

/** The number of the target with this name; the main one, and reported, where there is none. */
export function targetNumber(
  name: string | undefined,
  { all }: Targets,
  known: readonly string[],
  path: Path,
  report: Report,
): number {
  if (name === undefined) return 0;
  const number = all.findIndex(({ endpoint }) => endpoint.name === name);
  if (number >= 0 && name !== '') return number;
  if (known.length === 0) {
    report(path, `there is no target \`${name}\`: the scenario has one, without a name`, {
      hint: 'name several under `targets:`',
    });
  } else if (!known.includes(name)) {
    const meant = didYouMean(name, known);
    report(path, `there is no target \`${name}\`${meant}`, {
      hint: meant === '' ? `targets are ${oneOf(known)}` : null,
    });
  }
  return 0;
}
