import type { StreamRate } from '../engine/plan.js';
import { arrivalsBy, constantRate, type RateProfile } from '../model/rate.js';
import { parseDuration, parseRate } from '../model/units.js';
import { rateProblem } from './leaves.js';
import type { Path, Report } from './problem.js';
import type { CheckedScenario } from './schema.js';

type TrafficInput = CheckedScenario['traffic'];
type RateText = string | number;

/** Reads the arrival rate of the mix over time, k6's forms among them; null where nothing says one. */
export function readRate(input: TrafficInput, path: Path, report: Report): RateProfile | null {
  const unitMs = input.timeUnit === undefined ? null : (parseDuration(input.timeUnit) as number);
  if (input.executor === 'ramping-arrival-rate') return readStages(input, unitMs, path, report);
  for (const key of ['stages', 'startRate'] as const) {
    if (input[key] === undefined) continue;
    const hint = 'write `executor: ramping-arrival-rate`';
    report([...path, key], `\`${key}\` belongs to a ramp, and the rate is constant`, { part: 'key', hint });
  }
  if (input.rate === undefined) {
    // A ramp that misses its executor has a rate, if not here.
    return input.stages === undefined ? null : constantRate(1);
  }
  const perSec = readPerSec(input.rate, unitMs, [...path, 'rate'], report);
  return constantRate(possible(perSec, input.rate, [...path, 'rate'], report));
}

/** As k6 has it: straight lines from `startRate` to each target in turn; a stage of no length is a step. */
function readStages(input: TrafficInput, unitMs: number | null, path: Path, report: Report): RateProfile {
  const { rate, startRate = 0, stages = [] } = input;
  if (rate !== undefined) {
    const hint = 'write `startRate` and `stages`';
    report([...path, 'rate'], '`rate` is that of a constant rate, and the executor ramps', { part: 'key', hint });
  }
  if (stages.length === 0) {
    const message = 'is missing: expected stages such as `[{ target: 200, duration: 30s }]`';
    report([...path, 'stages'], message, { part: 'key' });
    return constantRate(1);
  }
  const profile: RateProfile = [];
  let at = 0;
  let perSec = readStage(startRate, unitMs, [...path, 'startRate'], report);
  for (const [index, stage] of stages.entries()) {
    const target = readStage(stage.target, unitMs, [...path, 'stages', index, 'target'], report);
    const forMs = parseDuration(stage.duration) as number;
    if (forMs > 0) profile.push({ at, fromPerSec: perSec, toPerSec: target, forMs });
    at += forMs;
    perSec = target;
  }
  const problem = rateProblem(perSec, stages.at(-1)?.target);
  if (problem !== null) {
    perSec = 1;
    const hint = 'the rate of the last stage stays until the end of the run';
    report([...path, 'stages', stages.length - 1, 'target'], problem, { hint });
  }
  return [...profile, { at, fromPerSec: perSec, toPerSec: perSec, forMs: null }];
}

/** Arrivals per second: `200/s`, or a number for each `timeUnit`. */
function readPerSec(text: RateText, unitMs: number | null, path: Path, report: Report): number {
  const isNumber = /^[\d.]+$/.test(String(text));
  if (unitMs !== null && !isNumber) {
    report(path, `\`${text}\` has a unit, and \`timeUnit\` gives another`, { hint: 'keep one of them' });
  }
  const perSec = parseRate(String(text)) ?? 1;
  return unitMs !== null && isNumber ? (perSec * 1000) / unitMs : perSec;
}

/** A ramp may begin at nothing, and pass through it. */
function readStage(text: RateText, unitMs: number | null, path: Path, report: Report): number {
  const perSec = readPerSec(text, unitMs, path, report);
  return perSec < 1 ? perSec : possible(perSec, text, path, report);
}

/** A constant rate of a flow or step, arrivals per second. */
export function readConstant(text: RateText, path: Path, report: Report): number {
  return possible(parseRate(String(text)) ?? 1, text, path, report);
}

/** The rate; where nothing can arrive at it, that is reported and another one stands in. */
function possible(perSec: number, shown: RateText, path: Path, report: Report): number {
  const problem = rateProblem(perSec, shown);
  if (problem === null) return perSec;
  report(path, problem);
  return 1;
}

/** The most that is ever sent, arrivals per second: all streams at their highest, the mix at that of any step. */
export function peakRate(streams: readonly StreamRate[], stepRates: readonly number[]): number {
  return streams.reduce((sum, { name, rate }) => {
    const own = rate.map(({ fromPerSec, toPerSec }) => Math.max(fromPerSec, toPerSec));
    return sum + Math.max(...own, ...(name === '' ? stepRates : []));
  }, 0);
}

/** When the rate changes last between two instants, ms after the traffic's start; null where it is constant. */
export function lastChangeWithin(profile: RateProfile, from: number, to: number): number | null {
  const changing = profile.filter((piece, index) => {
    const before = profile[index - 1];
    const jumps = before !== undefined && before.toPerSec !== piece.fromPerSec && piece.at > from && piece.at < to;
    const slopes = piece.fromPerSec !== piece.toPerSec && piece.at < to && piece.at + (piece.forMs ?? 0) > from;
    return jumps || slopes;
  });
  const last = changing.at(-1);
  if (last === undefined) return null;
  return last.fromPerSec === last.toPerSec ? last.at : last.at + (last.forMs ?? 0);
}

/** Arrivals due between two instants, all streams together. */
export function arrivalsWithin(profiles: readonly RateProfile[], from: number, to: number): number {
  return profiles.reduce((sum, profile) => sum + arrivalsBy(profile, to) - arrivalsBy(profile, from), 0);
}
