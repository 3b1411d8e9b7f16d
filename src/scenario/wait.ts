import { parseDuration } from '../model/units.js';
import type { Readiness, ReadinessCheck } from '../steps/step.js';
import { dynamicParts } from './dynamic.js';
import { textMatch } from './matchers.js';
import type { Path, Report } from './problem.js';
import { readReadiness } from './readiness.js';
import type { CheckedReady, CheckedScenario, CheckedStep } from './schema.js';
import { METHODS } from './schema-requests.js';
import type { Targets } from './targets.js';

export const DEFAULT_WAIT = { within: '10m', versionConsecutive: 20 } as const;

interface WaitContext {
  targets: Targets;
  knownTargets: readonly string[];
  mix: CheckedScenario['traffic']['mix'];
}

type Check = Exclude<NonNullable<CheckedStep['wait']>, unknown[]>;

/** Reads `wait`: a readiness gate for a step without a command, whose checks may ask for a version. */
export function readWait(step: CheckedStep, context: WaitContext, path: Path, report: Report): Readiness {
  const wait = step.wait as Check | Check[];
  const within = step.within ?? DEFAULT_WAIT.within;
  const here = [...path, 'wait'];
  const pathOf = (index: number): Path => (Array.isArray(wait) ? [...here, index] : here);
  const checks = Array.isArray(wait) ? wait : [wait];
  const asked = checks.map((check, index) => asReady(check, context, pathOf(index), report));
  const gate = readReadiness(Array.isArray(wait) ? asked : (asked[0] as CheckedReady), context, here, report);
  const versions = checks.map((check, index) => versionOf(check, context, pathOf(index), report));
  const said = checks.some(({ consecutive }) => consecutive !== undefined);
  return {
    ...gate,
    // A few answers in a row may be chance while old and new answer side by side.
    consecutive: said || versions.every((each) => each === null) ? gate.consecutive : DEFAULT_WAIT.versionConsecutive,
    withinMs: parseDuration(within) as number,
    checks: gate.checks.map((check, index) => ({ ...check, version: versions[index] ?? null })),
  };
}

/** The request of a check; one that asks for a version alone is sent as the mix's first reading flow to the target. */
function asReady(check: Check, { mix, targets }: WaitContext, path: Path, report: Report): CheckedReady {
  const { version, ...request } = check;
  const isGiven = METHODS.some((method) => request[method] !== undefined);
  if (version === undefined || isGiven) return request;
  const main = targets.all[0].endpoint.name;
  const asked = request.target ?? main;
  const flow = mix.find(
    (each) => each.get !== undefined && (each.target ?? main) === asked && dynamicParts(JSON.stringify(each)) === null,
  );
  if (flow === undefined) {
    const message = 'the mix has no reading flow to the target that could be asked for its version';
    report([...path, 'version'], message, { hint: 'say what to ask: `{ version: ..., get: /healthz }`' });
  }
  return { get: flow?.get ?? '/', headers: flow?.headers, expect: flow?.expect, ...request };
}

function versionOf(
  { version }: Check,
  { targets }: WaitContext,
  path: Path,
  report: Report,
): ReadinessCheck['version'] {
  if (version === undefined) return null;
  const { plan } = targets.version;
  if (plan === null) {
    report([...path, 'version'], 'no version can be told: the target declares none', {
      part: 'key',
      hint: 'say how it is read: `target: { version: { header: x-release } }`',
    });
    return null;
  }
  return { expected: textMatch(version, [...path, 'version'], report), from: plan };
}
