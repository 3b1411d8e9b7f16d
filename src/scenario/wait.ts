import { parseDuration } from '../model/units.js';
import type { Readiness } from '../steps/step.js';
import { dynamicParts } from './dynamic.js';
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
  const said = checks.some(({ consecutive }) => consecutive !== undefined);
  return {
    ...gate,
    // A few answers in a row may be chance while old and new answer side by side.
    consecutive:
      said || checks.every(({ version }) => version === undefined) ? gate.consecutive : DEFAULT_WAIT.versionConsecutive,
    withinMs: parseDuration(within) as number,
  };
}

/** The request of a check; one that asks for a version alone is sent as the mix's first reading flow to the target. */
function asReady(check: Check, { mix, targets }: WaitContext, path: Path, report: Report): CheckedReady {
  const isGiven = METHODS.some((method) => check[method] !== undefined);
  if (check.version === undefined || isGiven) return check;
  const main = targets.all[0].endpoint.name;
  const asked = check.target ?? main;
  const flow = mix.find(
    (each) => each.get !== undefined && (each.target ?? main) === asked && dynamicParts(JSON.stringify(each)) === null,
  );
  if (flow === undefined) {
    const message = 'the mix has no reading flow to the target that could be asked for its version';
    report([...path, 'version'], message, { hint: 'say what to ask: `{ version: ..., get: /healthz }`' });
  }
  return { get: flow?.get ?? '/', headers: flow?.headers, expect: flow?.expect, ...check };
}
