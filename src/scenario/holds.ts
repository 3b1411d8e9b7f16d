import type { Share } from '../model/release.js';
import { formatCount, formatMs, parseDuration, parseRate } from '../model/units.js';
import type { Step } from '../steps/step.js';
import { numberOf } from './leaves.js';
import type { Path, Report } from './problem.js';
import { peakRate } from './rates.js';
import type { Scenario } from './scenario.js';
import type { CheckedStep } from './schema.js';
import { didYouMean, oneOf } from './suggest.js';
import type { Targets } from './targets.js';

type Hold = CheckedStep['hold'];

interface HoldContext {
  targets: Targets;
  knownFlows: readonly string[];
}

/** How long a hold lasts, at most where it ends with a number of requests; null for the default. */
export function holdMsOf(hold: Hold): number | null {
  return hold === undefined ? null : parseDuration(typeof hold === 'string' ? hold : hold.max);
}

/** Reads `hold: { until }`; null where the hold is a time. */
export function readHoldUntil(hold: Hold, context: HoldContext, path: Path, report: Report): Step['holdUntil'] {
  if (hold === undefined || typeof hold === 'string') return null;
  const { requests, version = null, flow = null } = hold.until;
  const at = [...path, 'until'];
  if (version !== null && context.targets.version.plan === null) {
    report([...at, 'version'], 'no version can be told: the target declares none', {
      part: 'key',
      hint: 'say how it is read: `target: { version: { header: x-release } }`',
    });
  }
  if (flow !== null && !context.knownFlows.includes(flow)) {
    const meant = didYouMean(flow, context.knownFlows);
    const hint = meant === '' ? `flows are ${oneOf(context.knownFlows)}` : null;
    report([...at, 'flow'], `there is no flow \`${flow}\`${meant}`, { hint });
  }
  return { requests: numberOf(requests), version, flow };
}

/** More requests than can arrive would never be seen. */
export function checkHolds(
  steps: readonly { step: CheckedStep; path: Path }[],
  { streams, flows }: Pick<Scenario['traffic'], 'streams' | 'flows'>,
  report: Report,
): void {
  for (const { step, path } of steps) {
    const { hold, rate } = step;
    if (hold === undefined || typeof hold === 'string') continue;
    const ratePerSec = rate === undefined ? null : parseRate(String(rate));
    const wanted = numberOf(hold.until.requests);
    const maxMs = parseDuration(hold.max) as number;
    const most = Math.floor((rateOf(hold.until.flow ?? null, ratePerSec, { streams, flows }) * maxMs) / 1000);
    if (wanted <= most) continue;
    const message = `${formatCount(wanted)} requests do not come in ${formatMs(maxMs)}: at most ${formatCount(most)} are due`;
    report([...path, 'hold', 'until', 'requests'], message, { hint: 'raise `max` or `traffic.rate`' });
  }
}

/** The highest rate of the traffic, or of one flow of it, arrivals per second. */
function rateOf(
  flow: Share['flow'],
  ratePerSec: number | null,
  { streams, flows }: Pick<Scenario['traffic'], 'streams' | 'flows'>,
): number {
  const found = flows.find(({ name }) => name === flow);
  const stepRates = ratePerSec === null ? [] : [ratePerSec];
  if (found === undefined) return peakRate(streams, stepRates);
  const stream = streams.slice(found.stream, found.stream + 1);
  const weights = flows.filter((each) => each.stream === found.stream).reduce((sum, { weight }) => sum + weight, 0);
  return (peakRate(stream, stepRates) * found.weight) / weights;
}
