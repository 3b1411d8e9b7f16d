import { isTimeMetric } from '../model/threshold.js';
import { formatCount, formatMs, formatShare, formatValue } from '../model/units.js';
import type { Bound, Confidence, Judgement, ThresholdResult, Verdict } from '../model/verdict.js';
import type { PhaseSummary, Summary } from './summary.js';

/**
 * How a threshold stands. `noise` is over its limit by less than can be told from noise, `partly` was kept but not judged
 * in every step. `doubtful` (crossed, of level `inconclusive`) and `unproven` make the gate inconclusive; `silent` says
 * nothing, for want of samples or because of the harness: only `kept` is good news.
 */
export type ThresholdState = 'kept' | 'partly' | 'noise' | 'crossed' | 'warning' | 'doubtful' | 'unproven' | 'silent';

export function thresholdState({ ok, level, origin, expression, actual, limit }: ThresholdResult): ThresholdState {
  const isOver = expression.includes('<') && actual !== null && limit !== null && actual > limit;
  if (ok === true) return isOver ? 'noise' : 'kept';
  if (ok === null) return level === 'warn' || origin === 'default' ? 'silent' : 'unproven';
  return level === 'fail' ? 'crossed' : level === 'warn' ? 'warning' : 'doubtful';
}

export const STATE_MARK: Record<ThresholdState, string> = {
  kept: '✓',
  partly: '~',
  noise: '~',
  crossed: '✗',
  warning: '!',
  doubtful: '?',
  unproven: '?',
  silent: '?',
};

export const STATE_TEXT: Record<ThresholdState, string> = {
  kept: 'kept',
  partly: 'kept where judged',
  noise: 'within the noise of its limit',
  crossed: 'crossed',
  warning: 'crossed, warning',
  doubtful: 'crossed, inconclusive',
  unproven: 'not proven',
  silent: 'no statement',
};

/** How sure a cause is, in the words of the reports. */
export const CONFIDENCE_TEXT: Record<Confidence, string> = {
  high: 'likely cause, high confidence',
  medium: 'likely cause, medium confidence',
  low: 'possible cause, low confidence',
};

/** The likeliest cause in one line; null where users met nothing, and the run proves that. */
export function likelyCause({ verdict, cause }: Judgement): { claim: string; about: string } | null {
  if (cause === null || verdict === 'zero-downtime') return null;
  return { claim: cause.claim, about: `in ${cause.phase}, ${cause.confidence ?? 'low'} confidence` };
}

export const VERDICT_MARK: Record<Verdict, string> = { 'zero-downtime': '✓', downtime: '✗', inconclusive: '?' };
export const VERDICT_TEXT: Record<Verdict, string> = {
  'zero-downtime': 'Zero downtime',
  downtime: 'Downtime',
  inconclusive: 'Inconclusive',
};

export function actualText(threshold: ThresholdResult): string {
  return quantity(threshold, threshold.actual);
}

export function limitText(threshold: ThresholdResult): string {
  return quantity(threshold, threshold.limit);
}

function quantity({ metric, expression }: ThresholdResult, value: number | null): string {
  if (value === null) return '–';
  if (metric === 'metric') return `${formatValue(value)}${expression.startsWith('rate') ? '/s' : ''}`;
  if (expression.startsWith('rate')) return metric === 'http_reqs' ? `${formatCount(value)}/s` : formatShare(value);
  if (isTimeMetric(metric) && !expression.startsWith('count')) return value === 0 ? '0' : formatMs(value);
  return formatCount(value);
}

/**
 * `0 of 60,000 failed: at most 0.005 % (95 %)`; of several flows, the one that was seen least is named, as `shown` makes
 * it safe.
 */
export function boundText(
  { requests, failures, failureRateUpper95, streams }: Judgement['bound'],
  shown: (name: string) => string = (name) => name,
): string {
  const worst = streams.find((stream) => stream.failureRateUpper95 === failureRateUpper95);
  const flow = streams.length > 1 && worst !== undefined ? `${shown(worst.name)}, the flow seen least: ` : '';
  const share = formatShare(failureRateUpper95);
  return `${flow}${formatCount(failures)} of ${formatCount(requests)} failed, at most ${share} (95 %, independent failures assumed)`;
}

/** The bound of a phase. They come in the order of the phases: of several with one name, the first is the first's. */
export function boundOfPhase({ bound }: Judgement, { phases }: Summary, entry: PhaseSummary): Bound | null {
  const same = namesakes(phases, entry);
  const bounds = bound.phases.filter(({ name }) => name === entry.phase.name);
  return (same.length === bounds.length ? bounds[same.indexOf(entry)] : undefined) ?? null;
}

/** Only counts the failures of a step, which stand beside it in any table. */
const COUNTING_RULE = 'failing-step';
/** Where requests of the mix failed too, what probes lost comes from the same cause. */
const PROBE_RULE = 'probe-breach';

/** What broke a phase, in a sentence. Findings know it by its name: where that is not its own, none is attached. */
export function causeText({ findings }: Judgement, { phases }: Summary, entry: PhaseSummary): string {
  const same = namesakes(phases, entry);
  if (same.length !== 1 || same[0] !== entry) return '';
  const breach = findings.find(
    ({ rule, phase, severity }) =>
      phase === entry.phase.name &&
      severity === 'breach' &&
      rule !== COUNTING_RULE &&
      (rule !== PROBE_RULE || entry.tally.failed === 0),
  );
  return breach?.claim ?? '';
}

/** Phases that the judge speaks of by the name of this one. */
function namesakes(phases: readonly PhaseSummary[], { phase: { name } }: PhaseSummary): PhaseSummary[] {
  return phases.filter(({ phase }) => phase.name === name && phase.judged && phase.kind !== 'baseline');
}

/**
 * The reasons that say more than the headline does; the judge lists every reason, so that the first is often a clause
 * of the headline. What a reason adds in brackets at its end does not count as more: the bound has a place of its own.
 */
export function furtherReasons({ headline, reasons }: Judgement): string[] {
  return reasons.filter((reason) => {
    const clause = reason.replace(/ \([^()]*\)$/, '');
    const at = headline.indexOf(clause);
    const isWhole = !/\w/.test(headline.charAt(at - 1)) && !/\w/.test(headline.charAt(at + clause.length));
    return at === -1 || !isWhole;
  });
}

/** What the target is left with, for a last line. */
export function servesText({ servesNow }: Judgement): string {
  return servesNow === null ? 'which version the target serves now is unknown' : `the target serves ${servesNow} now`;
}

/** How a latency compares with the baseline's: `+12 %`, `3.1x`; empty where there is nothing to compare. */
export function change(value: number | null, baseline: number | null): string {
  if (value === null || baseline === null || baseline <= 0) return '';
  const ratio = value / baseline;
  if (ratio >= 2) return `${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)}x`;
  const percent = Math.round((ratio - 1) * 100);
  return percent === 0 ? '±0 %' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}
