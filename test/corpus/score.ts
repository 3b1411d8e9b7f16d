import type { Label } from './cases.ts';
import type { Finding } from './evidence.ts';
import { disturbances, firstHarm, type RunJson } from './result.ts';

/**
 * `right`: as the label says in all it names. `false alarm`: users were served and the run says or exits otherwise.
 * `missed`: the deploy was bad or nothing is proven, and the run passes it. `wrong`: any other difference.
 * `disturbed`: the machine kept the harness from measuring. `unconfirmed`: the evidence disagrees with the label,
 * a fault of the corpus. `broken`: there is no result.
 */
export type Outcome = 'right' | 'false alarm' | 'missed' | 'wrong' | 'disturbed' | 'unconfirmed' | 'broken';

export interface Score {
  outcome: Outcome;
  /** Each difference from the label, or what disturbed the run. */
  why: string[];
  verdict: string | null;
  exitCode: number | null;
  /** Where the first harm was. */
  step: string | null;
  /** Whether that is a step the label names; null where it names none. */
  stepRight: boolean | null;
  /** The likeliest cause that the run names. */
  cause: string | null;
  /** Whether that is the cause on the label; null where it has none, or where a race spared the run. */
  causeRight: boolean | null;
}

export function score(label: Label, run: RunJson, exitCode: number | null, evidence: readonly Finding[]): Score {
  const step = firstHarm(run);
  const stepRight = label.step == null ? null : step !== null && label.step.includes(step);
  const seen = { verdict: run.verdict, exitCode, step, stepRight, ...causeOf(label, run) };
  const why = differences(label, run, exitCode, step, stepRight);
  const reasons = disturbances(run, label.exitCode).filter((reason) => !expects(label, reason));
  // A result as the label wants it is no less right for a busy machine.
  if (why.length > 0 && reasons.length > 0) return { ...seen, outcome: 'disturbed', why: reasons };
  const against = evidence.filter(({ state }) => state !== 'holds');
  if (against.length > 0) {
    const outcome = against.every(({ disturbed }) => disturbed) ? 'disturbed' : 'unconfirmed';
    return { ...seen, outcome, why: against.map(({ claim, state, detail }) => `${state}: ${claim}: ${detail}`) };
  }
  return { ...seen, outcome: why.length === 0 ? 'right' : kindOf(label, run, exitCode), why };
}

/** The cause that was named, held against the label. */
export function causeOf(label: Label, run: Pick<RunJson, 'cause' | 'verdict'>): Pick<Score, 'cause' | 'causeRight'> {
  const cause = run.cause?.rule ?? null;
  const isAsked = label.cause !== undefined || label.mode != null;
  if (!isAsked || (label.verdict.length > 1 && cause === null)) return { cause, causeRight: null };
  const right = label.cause === undefined ? run.cause?.mode === label.mode : label.cause.includes(cause ?? '');
  return { cause, causeRight: right };
}

export function broken(why: string[]): Score {
  return {
    outcome: 'broken',
    why,
    verdict: null,
    exitCode: null,
    step: null,
    stepRight: null,
    cause: null,
    causeRight: null,
  };
}

function differences(
  label: Label,
  run: RunJson,
  exitCode: number | null,
  step: string | null,
  stepRight: boolean | null,
): string[] {
  const wanted = (name: string, allowed: readonly (string | number)[], found: string | number | null): string[] =>
    found !== null && allowed.includes(found) ? [] : [`${name} ${found}, not ${allowed.join(' or ')}`];
  const rules = run.findings.map(({ rule }) => rule);
  return [
    ...wanted('verdict', label.verdict, run.verdict),
    ...wanted('release', label.release, run.release),
    ...wanted('exit code', label.exitCode, exitCode),
    ...(run.exitCode === exitCode ? [] : [`exit code ${exitCode}, and ${run.exitCode} in run.json`]),
    // What a race spares has no first failure.
    ...(stepRight !== false || isSpared(label, run) ? [] : wanted('first harm in', label.step ?? [], step)),
    ...(label.finding ?? []).filter((rule) => !rules.includes(rule)).map((rule) => `no finding ${rule}`),
    ...(label.reason === undefined ||
    run.verdict !== 'inconclusive' ||
    run.reasons.some((reason) => expects(label, reason))
      ? []
      : [`none of its reasons is /${label.reason}/: ${run.reasons.join('; ')}`]),
  ];
}

function isSpared(label: Label, run: RunJson): boolean {
  return label.verdict.length > 1 && run.verdict !== 'downtime';
}

function expects({ reason }: Label, found: string): boolean {
  return reason !== undefined && new RegExp(reason).test(found);
}

function kindOf({ verdict }: Label, run: RunJson, exitCode: number | null): Outcome {
  if (run.verdict === 'zero-downtime' && !verdict.includes('zero-downtime')) return 'missed';
  if (verdict.includes('downtime') && (run.verdict === 'inconclusive' || exitCode === 0)) return 'missed';
  if (run.verdict === 'downtime' && !verdict.includes('downtime')) return 'false alarm';
  if (run.verdict === 'zero-downtime' && exitCode !== 0) return 'false alarm';
  return 'wrong';
}
