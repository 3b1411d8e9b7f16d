import type {
  ChangeState,
  ComparedRun,
  Comparison,
  ComparisonResult,
  FailureChange,
  LatencyChange,
  QuantileChange,
} from '../../model/comparison.js';
import { EXIT, type ExitCode, strongestExitCode } from '../../model/exit-codes.js';
import { formatCount, formatMs } from '../../model/units.js';
import type { Judgement } from '../../model/verdict.js';
import { ENOUGH_RUNS } from './between-runs.js';
import { type RunEvidence, stepKeys } from './evidence.js';
import { compareFailures } from './failures.js';
import { compareLatency, FAMILY_WISE_ERROR, FEW_RUNS, MACHINE, OTHER_LOAD } from './latency.js';

/**
 * Holds a run against one or more earlier ones. Base runs that are no evidence (the harness did not do its part, the
 * record was cut) are left out, with a note. Any regression decides; else whatever could not be told makes the
 * comparison inconclusive: a new run that proves nothing or whose release was not completed, a machine that differs,
 * another load, steps of the base that the new run lacks, a slower step beside too few base runs, nothing that could be
 * compared. Pure: the same runs give the same comparison, byte for byte.
 */
export function compareRuns(base: readonly RunEvidence[], fresh: RunEvidence): Comparison {
  const valid = base.filter(({ judgement }) => judgement.healthy);
  const usable = fresh.judgement.healthy ? valid : [];
  const failures = valid.length === 0 ? [] : compareFailures(valid, fresh);
  const { control, latency, machine } =
    usable.length === 0 ? { control: [], latency: [], machine: [] } : compareLatency(usable, fresh);
  const regressions = [
    ...failures.filter(({ state }) => state === 'worse').map(failureText),
    ...latency.flatMap((row) => changeTexts(row, 'slower')),
  ];
  // Whatever users lost without a row of its own.
  const isDown = ({ judgement }: RunEvidence) => judgement.verdict === 'downtime';
  if (regressions.length === 0 && valid.length > 0 && isDown(fresh) && !valid.some(isDown)) {
    regressions.push('the new run is downtime, and no base run is');
  }
  const doubts = [
    ...invalidity(base, valid, fresh),
    ...missing(latency),
    ...machineDoubts(machine, latency),
    ...untold(latency),
  ];
  const result: ComparisonResult =
    regressions.length > 0 ? 'regression' : doubts.length > 0 ? 'inconclusive' : 'no-regression';
  return {
    schema: 'zdd-verify/comparison/v1',
    result,
    headline: headlineOf(result, regressions, doubts, valid.length),
    reasons: [...regressions, ...doubts],
    notes: [
      ...leftOut(base, valid),
      ...differences(valid, fresh, latency),
      ...latency.flatMap((row) => changeTexts(row, 'faster')),
    ],
    familyWiseErrorRate: FAMILY_WISE_ERROR,
    base: base.map(comparedRun),
    new: comparedRun(fresh),
    failures,
    control,
    latency,
  };
}

/** 99 for a regression, 98 where nothing is proven, else 0. */
export function exitCodeOfComparison({ result }: Comparison): ExitCode {
  return result === 'regression' ? EXIT.THRESHOLD : result === 'inconclusive' ? EXIT.INCONCLUSIVE : EXIT.PASS;
}

/**
 * A run that is a regression, or that the comparison which was asked for says nothing of, has its reasons beside its own,
 * and 99 or 98 where its own code is not the stronger one.
 */
export function withComparison(judgement: Judgement, comparison: Comparison): Judgement {
  if (comparison.result === 'no-regression') return judgement;
  const exitCode = strongestExitCode([judgement.exitCode, exitCodeOfComparison(comparison)]);
  return { ...judgement, exitCode, reasons: [...judgement.reasons, ...comparison.reasons] };
}

function comparedRun({ dir, run, judgement }: RunEvidence): ComparedRun {
  const { runId, startedAt } = run.header;
  const { verdict, release, healthy } = judgement;
  return { dir, runId, startedAt, verdict, release, healthy };
}

function headlineOf(
  result: ComparisonResult,
  regressions: readonly string[],
  doubts: readonly string[],
  runs: number,
): string {
  const against = runs === 1 ? 'the base run' : `${formatCount(runs)} base runs`;
  if (result === 'inconclusive') return `Inconclusive: ${doubts[0]}.`;
  if (result === 'no-regression') return `No regression against ${against} beyond what chance gives.`;
  const more = regressions.length === 1 ? '' : `, and ${formatCount(regressions.length - 1)} more`;
  return `Regression against ${against}: ${regressions[0]}${more}.`;
}

/** `checkout in reload: p99 40 ms, was 31 ms (+30 %)`. */
function changeTexts(row: LatencyChange, state: ChangeState): string[] {
  return QUANTILES.flatMap((quantile) => (row[quantile].state === state ? [changeText(row, quantile)] : []));
}

const QUANTILES = ['p50', 'p99'] as const;

function changeText(row: LatencyChange, quantile: (typeof QUANTILES)[number]): string {
  const { base, new: now } = row[quantile];
  return `${placeOf(row)}: ${quantile} ${formatMs(now ?? 0)}, was ${formatMs(base ?? 0)} (${percent(row[quantile])})`;
}

function percent({ base, new: now }: QuantileChange): string {
  const share = Math.round(((now ?? 0) / Math.max(base ?? 0, 0.001) - 1) * 100);
  return `${share < 0 ? '−' : '+'}${formatCount(Math.abs(share))} %`;
}

function placeOf({ step, flow }: LatencyChange): string {
  return flow === null ? step : `${flow} in ${step}`;
}

const NOUN = { failed: 'failed request', outage: 'outage', stall: 'stall', breach: 'loss' } as const;

function failureText({ kind, step, what, new: now, reason }: FailureChange): string {
  const noun = `${NOUN[kind]}${now.count === 1 ? '' : kind === 'breach' ? 'es' : 's'}`;
  const longest = now.longestMs === null ? '' : ` of up to ${formatMs(now.longestMs)}`;
  const whose = what === null ? '' : kind === 'breach' ? ` (${what})` : ` of ${what}`;
  return `${formatCount(now.count)} ${noun}${longest}${whose} in ${step}: ${reason}`;
}

function invalidity(base: readonly RunEvidence[], valid: readonly RunEvidence[], fresh: RunEvidence): string[] {
  const { healthy, harnessReasons, release, verdict, reasons } = fresh.judgement;
  const why = (reasons: readonly string[]) => (reasons[0] === undefined ? '' : `: ${reasons[0]}`);
  return [
    ...(healthy ? [] : [`the new run is no evidence${why(harnessReasons)}`]),
    ...(valid.length > 0 ? [] : [`no base run is evidence${why(base[0]?.judgement.harnessReasons ?? [])}`]),
    ...(release === 'completed' ? [] : [`the release of the new run is ${release}, not completed`]),
    // Else what makes it so is said already.
    ...(verdict === 'inconclusive' && healthy && release === 'completed'
      ? [`the new run is inconclusive${why(reasons)}`]
      : []),
  ];
}

function leftOut(base: readonly RunEvidence[], valid: readonly RunEvidence[]): string[] {
  if (valid.length === 0) return [];
  return base
    .filter((each) => !valid.includes(each))
    .map(
      ({ run, judgement }) =>
        `base run ${run.header.runId} is left out: ${judgement.harnessReasons[0] ?? 'no evidence'}`,
    );
}

/** Steps and flows that cannot be told from what was never measured. */
function missing(latency: readonly LatencyChange[]): string[] {
  if (latency.length === 0) return [];
  const lacking = latency.filter(({ p50, flow }) => flow === null && p50.reason === 'not in the new run');
  const compared = latency.some(({ p50 }) => p50.p !== null);
  return [
    ...lacking.map(({ step }) => `${step} is not in the new run`),
    ...(compared ? [] : [`no latency could be compared (${latency[0]?.p50.reason})`]),
  ];
}

function machineDoubts(machine: readonly LatencyChange[], latency: readonly LatencyChange[]): string[] {
  const [row] = machine;
  if (row !== undefined) {
    const quantile = row.p50.state === '~' ? 'p99' : 'p50';
    const { base, new: now } = row[quantile];
    const whose = row.flow === null ? '' : ` of ${row.flow}`;
    return [
      `${MACHINE}: ${quantile}${whose} in the baseline, before any release, went from ${formatMs(base ?? 0)} to ${formatMs(now ?? 0)}`,
    ];
  }
  const vetoed = latency.flatMap(({ p50, p99 }) => [p50.reason, p99.reason]);
  return vetoed.filter((reason) => reason.includes(MACHINE)).slice(0, 1);
}

/** Steps of both sides that were under another load, and those that are slower as far as too few base runs can tell. */
function untold(latency: readonly LatencyChange[]): string[] {
  return latency.flatMap((row) => [
    ...(row.flow === null && row.p50.reason.startsWith(OTHER_LOAD) ? [`${row.step}: ${row.p50.reason}`] : []),
    ...QUANTILES.flatMap((quantile) => {
      const { reason } = row[quantile];
      return reason.startsWith(FEW_RUNS) ? [`${changeText(row, quantile)}: ${reason}`] : [];
    }),
  ]);
}

/** What else differs between the runs, and what the base cannot say. */
function differences(base: readonly RunEvidence[], fresh: RunEvidence, latency: readonly LatencyChange[]): string[] {
  const { header } = fresh.run;
  const others = base.map(({ run }) => run.header);
  const notes: string[] = [];
  if (base.length === 1) {
    notes.push('one base run cannot say how much runs differ among themselves: give several, or a folder of them');
  } else if (base.length > 1 && base.length < ENOUGH_RUNS) {
    notes.push(
      `${base.length} base runs say little of how much runs differ: small regressions are found from ${ENOUGH_RUNS} on`,
    );
  }
  if (others.some(({ scenario }) => scenario.sha256 !== header.scenario.sha256)) {
    notes.push('the scenario has changed since');
  }
  for (const name of ['host', 'cpus', 'memoryMiB', 'node'] as const) {
    const before = others.find(({ environment }) => environment[name] !== header.environment[name]);
    if (before === undefined) continue;
    notes.push(
      `${ENVIRONMENT[name]} differs: ${header.environment[name] ?? '?'}, was ${before.environment[name] ?? '?'}`,
    );
  }
  const withoutTail = base.length > 0 && latency.length > 0 && latency.every(({ p99 }) => p99.p === null);
  if (withoutTail) notes.push('p99 could not be compared in any step: a higher rate or a longer hold would do');
  const known = new Set(base.flatMap(({ run }) => stepKeys(run).flatMap((key) => key?.key ?? [])));
  const added = stepKeys(fresh.run).filter((key) => key !== undefined && !known.has(key.key));
  if (base.length > 0) notes.push(...added.map((key) => `${key?.step} is only in the new run`));
  return notes;
}

const ENVIRONMENT = { host: 'the host name', cpus: 'the number of cores', memoryMiB: 'the memory', node: 'Node' };
