import { availableParallelism } from 'node:os';
import type { StreamRate, TrafficFlow } from '../engine/plan.js';
import { ZddError } from '../model/errors.js';
import type { RateProfile } from '../model/rate.js';
import { formatCount } from '../model/units.js';
import type { BlockedAnswer } from '../wire/plan.js';
import { readFeeds } from './data.js';
import { readable } from './dynamic.js';
import type { Place } from './endpoints.js';
import { BOUNDS, numberOf, parsePercent } from './leaves.js';
import { readHeaderMatches } from './matchers.js';
import type { Path, Report } from './problem.js';
import { peakRate, readConstant, readRate } from './rates.js';
import { type Feeds, templateOf } from './request-template.js';
import { readRequest } from './requests.js';
import type { Scenario } from './scenario.js';
import type { CheckedFlow, CheckedScenario } from './schema.js';
import { METHODS } from './schema-requests.js';
import { type Targets, targetNumber } from './targets.js';

const DEFAULT_KEEPALIVE = 0.8;
const DEFAULT_POOL = 20;
/** What one sending thread is given before there is a second one, arrivals per second. */
const RATE_PER_THREAD = 8000;
/** What one harness, or shard, is given at most: beyond it, it would be what is measured, arrivals per second. */
const RATE_PER_HARNESS = 50_000;

/** What surrounds `traffic` in the scenario. */
export interface TrafficContext {
  targets: Targets;
  /** Names of the targets in the file itself, also of faulty ones. */
  knownTargets: readonly string[];
  place: Place;
  /** Rates that steps give the mix, arrivals per second. */
  stepRates: readonly number[];
}

/** Reads `traffic`. */
export function readTraffic(
  input: CheckedScenario['traffic'],
  context: TrafficContext,
  path: Path,
  report: Report,
): Omit<Scenario['traffic'], 'lateLimitMs'> {
  const { targets, place } = context;
  const feeds = readFeeds(input.data, place.files, [...path, 'data'], report);
  const streams = readStreams(input, path, report);
  const peak = peakRate(streams, context.stepRates);
  const { max } = BOUNDS.ratePerSec;
  if (peak > max) {
    const hint = 'lower `traffic.rate` or the rates of flows and steps';
    report([...path, 'mix'], `all rates together reach ${peak}/s; all shards send at most ${formatCount(max)}/s`, {
      hint,
    });
  }
  const { maxInFlight, connections, threads, seed } = input;
  return {
    endpoints: targets.all.map(({ endpoint }) => endpoint),
    timeoutMs: targets.timeoutMs,
    streams,
    arrival: input.arrival ?? 'even',
    seed: seed === undefined ? null : numberOf(seed),
    threads: threads === undefined ? defaultThreads(peak, availableParallelism()) : numberOf(threads),
    keepaliveShare: keepaliveShareOf(connections, [...path, 'connections'], report),
    pool: connections?.pool === undefined ? DEFAULT_POOL : numberOf(connections.pool),
    client: input.client ?? 'strict',
    maxInFlight: maxInFlight === undefined ? defaultMaxInFlight(peak, targets.timeoutMs) : numberOf(maxInFlight),
    flows: readFlows(input.mix, streams, feeds, context, [...path, 'mix'], report),
    feeds: [...feeds.all],
    blocked: readBlocked(input.blocked, [...path, 'blocked'], report),
    version: targets.version.plan,
  };
}

type Rates = Pick<Scenario, 'traffic' | 'steps' | 'rollback'>;

/** Throws USAGE where `of` shards (1: a run without others) are too few for the rates of a scenario. */
export function checkShards(scenario: Rates, of: number): void {
  const { peak, needed } = shardsNeeded(scenario);
  if (needed <= of) return;
  const most = `${of === 1 ? 'one harness sends' : `${of} shards send`} at most ${formatCount(of * RATE_PER_HARNESS)}/s`;
  throw new ZddError('USAGE', `all rates together reach ${formatCount(peak)}/s; ${most}`, {
    hint: `send them from ${needed} shards (--shard 1/${needed}), or lower \`traffic.rate\` or the rates of flows and steps`,
  });
}

/** Says where one harness is not enough. */
export function rateNotes(scenario: Rates): string[] {
  const { peak, needed } = shardsNeeded(scenario);
  return needed <= 1 ? [] : [`all rates together reach ${formatCount(peak)}/s: it takes ${needed} shards to send them`];
}

/** All rates together at their highest, arrivals per second, and how many shards send them at least. */
function shardsNeeded({ traffic, steps, rollback }: Rates): { peak: number; needed: number } {
  const stepRates = [...steps, ...rollback].flatMap(({ ratePerSec }) => ratePerSec ?? []);
  const peak = peakRate(traffic.streams, stepRates);
  return { peak, needed: Math.ceil(peak / RATE_PER_HARNESS) };
}

/** One for every 8,000 arrivals a second, but a core is left to the release and to the record. */
export function defaultThreads(peakPerSec: number, cores: number): number {
  return Math.max(1, Math.min(Math.ceil(peakPerSec / RATE_PER_THREAD), cores - 1, 16));
}

/** Room for every request to hang until its timeout, half as much again, and some for a burst. */
function defaultMaxInFlight(ratePerSec: number, timeoutMs: number): number {
  return Math.ceil(ratePerSec * (timeoutMs / 1000) * 1.5) + 100;
}

/** The flow's name, given or made of method and path. */
export function flowName(flow: Pick<CheckedFlow, 'name' | (typeof METHODS)[number]>): string {
  if (flow.name !== undefined) return flow.name;
  const method = METHODS.find((each) => flow[each] !== undefined) ?? 'get';
  return `${method.toUpperCase()} ${readable(String(flow[method] ?? '/'))}`;
}

/** The mix, where any flow is part of it, and the flows with rates of their own. */
function readStreams(input: CheckedScenario['traffic'], path: Path, report: Report): StreamRate[] {
  const mixed = input.mix.some(({ rate }) => rate === undefined);
  const rate = readRate(input, path, report);
  if (mixed && rate === null) report([...path, 'rate'], 'is missing: expected a rate such as `200/s`', { part: 'key' });
  if (!mixed && rate !== null) {
    const key = input.rate === undefined ? 'stages' : 'rate';
    const hint = 'leave it out, or take the `rate` from a flow of the mix';
    report([...path, key], 'nothing arrives at this rate: every flow has one of its own', { part: 'key', hint });
  }
  const mix: RateProfile = rate ?? [{ at: 0, fromPerSec: 1, toPerSec: 1, forMs: null }];
  const own = input.mix.flatMap((flow, index): StreamRate[] => {
    if (flow.rate === undefined) return [];
    const here = [...path, 'mix', index];
    if (flow.weight !== undefined) {
      const hint = 'leave one of them out';
      report([...here, 'weight'], '`weight` is a share of the mix, and a flow with a `rate` has none', { hint });
    }
    const perSec = readConstant(flow.rate, [...here, 'rate'], report);
    return [{ name: flowName(flow), rate: [{ at: 0, fromPerSec: perSec, toPerSec: perSec, forMs: null }] }];
  });
  return mixed ? [{ name: '', rate: mix }, ...own] : own;
}

function readFlows(
  input: readonly CheckedFlow[],
  streams: readonly StreamRate[],
  feeds: Feeds,
  { targets, knownTargets }: TrafficContext,
  path: Path,
  report: Report,
): TrafficFlow[] {
  const seen = new Map<string, number>();
  return input.map((flow, index) => {
    const here = [...path, index];
    const name = flowName(flow);
    const first = seen.get(name);
    if (first === undefined) seen.set(name, index);
    else {
      const at = flow.name === undefined ? here : [...here, 'name'];
      report(at, `a second flow with the name \`${name}\``, { hint: 'give each a `name` of its own' });
    }
    const endpoint = targetNumber(flow.target, targets, knownTargets, [...here, 'target'], report);
    const target = targets.all[endpoint] ?? targets.all[0];
    const marked = readRequest(flow, target, here, report);
    const { plan, template } = templateOf(marked, feeds, here, report);
    return {
      name,
      weight: flow.weight === undefined ? 1 : numberOf(flow.weight),
      stream: flow.rate === undefined ? 0 : streams.findIndex((stream) => stream.name === name),
      endpoint,
      ...plan,
      template,
      clients: flow.clients === undefined ? 0 : numberOf(flow.clients),
    };
  });
}

function readBlocked(input: CheckedScenario['traffic']['blocked'], path: Path, report: Report): BlockedAnswer[] {
  return (input ?? []).map((each, index) => {
    if (typeof each !== 'object') return { status: numberOf(each), headers: [] };
    const status = numberOf(each.status);
    const headers = readHeaderMatches(each.header, [...path, index, 'header'], report);
    if (headers.length === 0 && status < 400) {
      const hint = 'name a header of the firewall: `{ status: 200, header: { server: /waf/ } }`';
      report([...path, index], `every answer with status ${status} would count as blocked`, { hint });
    }
    return { status, headers };
  });
}

function keepaliveShareOf(input: CheckedScenario['traffic']['connections'], path: Path, report: Report): number {
  const keepalive = input?.keepalive === undefined ? null : parsePercent(input.keepalive);
  const fresh = input?.fresh === undefined ? null : parsePercent(input.fresh);
  if (keepalive !== null && fresh !== null && Math.abs(keepalive + fresh - 1) > 1e-9) {
    const sum = Number(((keepalive + fresh) * 100).toPrecision(6));
    report(path, `\`keepalive\` and \`fresh\` make ${sum} %, not 100 %`, {
      hint: 'give one of them; the other is the rest',
    });
  }
  if (keepalive !== null) return keepalive;
  return fresh === null ? DEFAULT_KEEPALIVE : Number((1 - fresh).toPrecision(12));
}
