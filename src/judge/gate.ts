import { isTimeMetric } from '../model/threshold.js';
import { formatCount, formatMs, formatShare, formatValue } from '../model/units.js';
import type { Gate, ThresholdResult } from '../model/verdict.js';
import type { Doubt } from './doubt.js';
import { type Row, unprovenReason } from './thresholds.js';

/** The team's policy applied to the record. A crossed limit stands, whatever else is in doubt; no doubt may pass. */
export function gateOf(rows: readonly Row[], doubts: readonly Doubt[]): Gate {
  if (rows.some(({ result }) => result.ok === false && result.level === 'fail')) return 'fail';
  const unproven = rows.some((row) => unprovenReason(row) !== null || crossesInconclusive(row));
  // What became of the release has an exit code of its own.
  return unproven || doubts.some(({ kind }) => kind !== 'release') ? 'inconclusive' : 'pass';
}

function crossesInconclusive({ result }: Row): boolean {
  return result.ok === false && result.level === 'inconclusive';
}

/** The rows that were crossed, as sentences: of the whole run first, and of a step only where it adds something. */
export function crossedReasons(rows: readonly Row[], level: ThresholdResult['level']): string[] {
  const crossed = rows.map(({ result }) => result).filter((result) => result.ok === false && result.level === level);
  const whole = crossed.filter(({ phase }) => phase === 'run');
  const same = (a: ThresholdResult, b: ThresholdResult) => a.name === b.name && a.expression === b.expression;
  const rest = crossed.filter((result) => result.phase !== 'run' && !whole.some((other) => same(other, result)));
  return [...whole, ...rest].map(crossedReason);
}

function crossedReason(result: ThresholdResult): string {
  const { metric, name, expression, phase, actual, limit, note } = result;
  const where = phase === 'run' ? '' : ` in ${phase}`;
  if (actual === null) return `${name}${where}: ${note}`;
  const against = expression.includes('baseline') && limit !== null ? ` (${quantity(result, limit)})` : '';
  const about = metric === 'latency' && note !== '' ? ` (${note})` : '';
  return `${name}${where} is ${quantity(result, actual)}${about}, and the threshold is ${expression}${against}`;
}

function quantity({ metric, expression }: ThresholdResult, value: number): string {
  if (metric === 'metric') return `${formatValue(value)}${expression.startsWith('rate') ? '/s' : ''}`;
  if (expression.startsWith('count')) return formatCount(value);
  if (isTimeMetric(metric)) return formatMs(value);
  return metric === 'http_reqs' ? `${formatCount(value)}/s` : formatShare(value);
}
