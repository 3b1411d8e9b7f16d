import { parseDuration } from '../model/units.js';
import type { Readiness, ReadinessCheck } from '../steps/step.js';
import { numberOf } from './leaves.js';
import { readVersion, textMatch } from './matchers.js';
import type { Path, Report } from './problem.js';
import { readAbsolute, readRequest } from './requests.js';
import type { CheckedReady } from './schema.js';
import { type Targets, targetNumber } from './targets.js';

export const DEFAULT_READY = { consecutive: 3, withinMs: 60_000, intervalMs: 100 } as const;

interface ReadinessContext {
  targets: Targets;
  /** Names of the targets in the file itself, also of faulty ones. */
  knownTargets: readonly string[];
}

/** Reads `ready`; in a list, how often and how long is said by one of the checks and holds for all. */
export function readReadiness(
  input: CheckedReady | CheckedReady[],
  context: ReadinessContext,
  path: Path,
  report: Report,
): Readiness {
  const checks = Array.isArray(input) ? input : [input];
  const pathOf = (index: number): Path => (Array.isArray(input) ? [...path, index] : path);
  const told = <T>(key: 'consecutive' | 'within' | 'interval', read: (value: string | number) => T): T | null => {
    let first: T | null = null;
    for (const [index, check] of checks.entries()) {
      const value = check[key];
      if (value === undefined) continue;
      if (first === null) first = read(value);
      else if (read(value) !== first) {
        report([...pathOf(index), key], `\`${key}\` holds for all checks together, and another says otherwise`, {
          hint: 'say it once',
        });
      }
    }
    return first;
  };
  const ms = (value: string | number) => parseDuration(String(value));
  const readiness = {
    checks: checks.map((check, index) => readCheck(check, context, pathOf(index), report)),
    consecutive: told('consecutive', numberOf) ?? DEFAULT_READY.consecutive,
    withinMs: told('within', ms) ?? DEFAULT_READY.withinMs,
    intervalMs: told('interval', ms) ?? DEFAULT_READY.intervalMs,
  };
  return readiness;
}

function readCheck(
  input: CheckedReady,
  { targets, knownTargets }: ReadinessContext,
  path: Path,
  report: Report,
): ReadinessCheck {
  const version = versionAsked(input, targets, [...path, 'version'], report);
  const absolute = readAbsolute(input, targets.all, path, report);
  if (absolute !== null) {
    if (input.target !== undefined) {
      const hint = 'leave one of them out';
      report([...path, 'target'], 'the check has an absolute URL, which says where it goes', { part: 'key', hint });
    }
    return { ...absolute.request, endpoint: absolute.target?.endpoint ?? null, version };
  }
  const number = targetNumber(input.target, targets, knownTargets, [...path, 'target'], report);
  const target = targets.all[number] ?? targets.all[0];
  return {
    ...readRequest(input, target, path, report),
    endpoint: number === 0 ? null : target.endpoint,
    version,
  };
}

/** The version that must answer, and how it is read: as the target says it, or the check itself. */
function versionAsked(
  { version, head }: CheckedReady,
  targets: Targets,
  path: Path,
  report: Report,
): ReadinessCheck['version'] {
  if (version === undefined) return null;
  const asTarget = typeof version === 'string';
  const from = asTarget ? targets.version.plan : readVersion(version, path, report).plan;
  if (from === null) {
    if (asTarget) {
      report(path, 'no version can be told: the target declares none', {
        part: 'key',
        hint: 'say how it is read: `target: { version: { header: x-release } }`',
      });
    }
    return null;
  }
  if (head !== undefined && from.from !== 'header') {
    report(path, 'the answer to HEAD has no body to read a version from', { part: 'key', hint: 'use `get`' });
  }
  const is = asTarget ? version : version.is;
  return { expected: textMatch(is, asTarget ? path : [...path, 'is'], report), from };
}
