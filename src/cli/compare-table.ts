import type { Comparison, FailureChange, FailureCount, LatencyChange, QuantileChange } from '../model/comparison.js';
import { formatCount, formatMs, formatShare } from '../model/units.js';
import type { Style } from './terminal/style.js';
import { displayWidth, plainText } from './terminal/text.js';

/** A comparison on the terminal: what decided, then a row for each kind of failure and for each step and flow. */
export function comparisonLines(comparison: Comparison, style: Style): string[] {
  const { result, headline, reasons, notes, failures, control, latency } = comparison;
  const paint = { regression: style.red, 'no-regression': style.green, inconclusive: style.yellow }[result];
  const mark = { regression: '✗', 'no-regression': '✓', inconclusive: '?' }[result];
  const rows = [...control, ...latency];
  const measured = rows.filter(({ p50 }) => p50.base !== null);
  const share = formatShare(comparison.familyWiseErrorRate);
  return [
    ` ${paint(`${mark} ${plainText(headline)}`)}`,
    ...reasons.slice(1, REASONS_SHOWN).map((reason) => `   - ${plainText(reason)}`),
    ...(reasons.length > REASONS_SHOWN ? [`   - and ${formatCount(reasons.length - REASONS_SHOWN)} more`] : []),
    ...(failures.length === 0 ? [] : ['', ...table(FAILURE_HEAD, failures.map(failureCells), style)]),
    ...(measured.length === 0 ? [] : ['', ...table(LATENCY_HEAD, measured.map(latencyCells), style)]),
    ...notCompared(rows).map((line) => style.dim(` ${plainText(line)}`)),
    ...(latency.length === 0
      ? []
      : [
          style.dim(
            ` New less base with its 95 % interval; ~: nothing can be said. Any false change: ${share} of comparisons at most.`,
          ),
        ]),
    ...notes.map((note) => style.dim(` ${plainText(note)}`)),
  ];
}

/** The tables have all of them. */
const REASONS_SHOWN = 8;

/** Workflow commands for GitHub Actions: an error for each regression, at most ten. */
export function comparisonAnnotations({ result, reasons }: Comparison): string[] {
  if (result !== 'regression') return [];
  return reasons
    .slice(0, 10)
    .map((reason) => `::error title=zdd-verify compare::${plainText(reason).replace(/%/g, '%25')}`);
}

const FAILURE_HEAD = ['step', 'what', 'base', 'new', ''];
const LATENCY_HEAD = ['step', 'flow', 'samples', 'p50', '', 'p99', '', 'A12'];

function failureCells({ kind, step, what, base, new: now, state, reason }: FailureChange): string[] {
  const noun = { failed: 'failed', outage: 'outages', stall: 'stalls', breach: 'lost' }[kind];
  const counts = base.map(countText);
  const before =
    base.length === 1 ? (counts[0] as string) : `${counts.slice(0, 3).join(', ')}${base.length > 3 ? ', …' : ''}`;
  return [step, what === null ? noun : `${noun}: ${what}`, before, countText(now), `${state} ${reason}`];
}

function countText({ count, longestMs }: FailureCount): string {
  return longestMs === null ? formatCount(count) : `${formatCount(count)} (${formatMs(longestMs)})`;
}

function latencyCells({ step, role, flow, samples, a12, p50, p99 }: LatencyChange): string[] {
  return [
    role === 'release' ? step : `${step} (${role})`,
    flow ?? 'all',
    `${formatCount(samples.base)}, ${formatCount(samples.new)}`,
    ...quantileCells(p50),
    ...quantileCells(p99),
    a12 === null ? '–' : a12.toFixed(2),
  ];
}

/** `too few samples: build, items in reload`: a line for each reason, the flows of a step that has none at all left out. */
function notCompared(rows: readonly LatencyChange[]): string[] {
  const places = new Map<string, Set<string>>();
  const whole = new Set<string>();
  for (const { step, role, flow, p50 } of rows) {
    if (p50.base !== null || whole.has(`${role} ${step}`)) continue;
    if (flow === null) whole.add(`${role} ${step}`);
    const reason = shortened(p50.reason);
    const named = places.get(reason) ?? new Set();
    places.set(reason, named.add(flow === null ? step : `${flow} in ${step}`));
  }
  return [...places].map(([reason, named]) => `Not compared, ${reason}: ${[...named].join(', ')}.`);
}

/** `12.0 → 15.6 ms` and `slower +2.9 to +4.4`; where nothing can be said, why. */
function quantileCells({ base, new: now, interval95, state, reason }: QuantileChange): [string, string] {
  if (base === null || now === null) return ['–', `~ ${shortened(reason)}`];
  const interval = interval95 === null ? '' : ` ${signed(interval95[0])} to ${signed(interval95[1])} ms`;
  const why = state === '~' && reason !== 'no more than chance' ? ` (${shortened(reason)})` : '';
  return [`${formatMs(base)} → ${formatMs(now)}`, `${state}${interval}${why}`];
}

/** The first clause of a reason; the whole of it is in the JSON. */
function shortened(reason: string): string {
  return reason.split(':')[0] as string;
}

function signed(ms: number): string {
  const size = Math.abs(ms);
  const text = size < 10 ? size.toFixed(1) : formatCount(size);
  return `${ms < 0 ? '−' : '+'}${text}`;
}

/** Rows in columns, each as wide as its widest cell; the last cell is not padded. */
function table(head: readonly string[], rows: readonly string[][], style: Style): string[] {
  const shown = rows.map((row) => row.map((cell) => plainText(cell)));
  const widths = head.map((title, column) => {
    return Math.max(displayWidth(title), ...shown.map((row) => displayWidth(row[column] as string)));
  });
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => cell + ' '.repeat((widths[column] as number) - displayWidth(cell)));
    return ` ${padded.join('  ').trimEnd()}`;
  };
  return [style.dim(line(head)), ...shown.map((row) => colored(line(row), row, style))];
}

function colored(line: string, row: readonly string[], style: Style): string {
  if (row.some((cell) => cell.startsWith('slower') || cell.startsWith('worse'))) return style.red(line);
  if (row.some((cell) => cell.startsWith('faster') || cell.startsWith('better'))) return style.green(line);
  return line;
}
