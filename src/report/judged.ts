import type { Metric } from '../model/threshold.js';
import { formatCount, formatMs, formatShare } from '../model/units.js';
import type { Bound, Judgement, ThresholdResult, Verdict } from '../model/verdict.js';

/** How a threshold stands: `silent` is a default without the samples to speak, `unproven` makes the gate inconclusive. */
export type ThresholdState = 'kept' | 'crossed' | 'warning' | 'unproven' | 'silent';

export function thresholdState({ ok, level, origin }: ThresholdResult): ThresholdState {
  if (ok === true) return 'kept';
  if (ok === null) return level === 'warn' || origin === 'default' ? 'silent' : 'unproven';
  return level === 'fail' ? 'crossed' : level === 'warn' ? 'warning' : 'unproven';
}

export const STATE_MARK: Record<ThresholdState, string> = {
  kept: '✓',
  crossed: '✗',
  warning: '!',
  unproven: '?',
  silent: '–',
};

export const VERDICT_MARK: Record<Verdict, string> = { 'zero-downtime': '✓', downtime: '✗', inconclusive: '?' };
export const VERDICT_TEXT: Record<Verdict, string> = {
  'zero-downtime': 'Zero downtime',
  downtime: 'Downtime',
  inconclusive: 'Inconclusive',
};

export const RELEASE_TEXT: Record<Judgement['release'], string> = {
  completed: 'completed',
  'rolled-back': 'failed, rolled back',
  'rollback-failed': 'failed, and the rollback failed',
  aborted: 'aborted',
  'not-started': 'not started',
};

export function actualText(threshold: ThresholdResult): string {
  return quantity(threshold, threshold.actual);
}

export function limitText(threshold: ThresholdResult): string {
  return quantity(threshold, threshold.limit);
}

const TIMES: readonly Metric[] = ['outage', 'stall', 'latency', 'rollback_time'];

function quantity({ metric, expression }: ThresholdResult, value: number | null): string {
  if (value === null) return '–';
  if (expression.startsWith('rate')) return metric === 'http_reqs' ? `${formatCount(value)}/s` : formatShare(value);
  if (TIMES.includes(metric) && !expression.startsWith('count')) return value === 0 ? '0' : formatMs(value);
  return formatCount(value);
}

/** `0 of 60,000 failed: at most 0.005 % (95 %)`. */
export function boundText({ requests, failures, failureRateUpper95 }: Bound): string {
  const share = formatShare(failureRateUpper95);
  return `${formatCount(failures)} of ${formatCount(requests)} failed: at most ${share} (95 %, independent failures assumed)`;
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
