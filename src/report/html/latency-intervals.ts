import type { LatencyInterval, LatencyIntervals, RatioInterval } from '../../model/latency-intervals.js';
import { formatCount, formatMs, formatShare } from '../../model/units.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import type { Section } from './view.js';

export const latencyIntervalsSection: Section = {
  id: 'latency-intervals',
  nav: 'Latency',
  render: ({ judgement }) => latencyIntervalsHtml(judgement.latencyIntervals),
};

/** The p99 of the baseline and of each step, with intervals, and what it is of the baseline's. */
export function latencyIntervalsHtml({ quantile, confidence, baseline, rows }: LatencyIntervals): Html | null {
  if (baseline.samples === 0 && rows.every(({ samples }) => samples === 0)) return null;
  const name = `p${quantile * 100}`;
  const columns = [
    { name: 'where' },
    { name: 'requests', number: true },
    { name, number: true },
    { name: `${formatShare(confidence)} interval`, number: true },
    { name: 'of the baseline', number: true },
    { name: `${formatShare(confidence)} interval`, number: true },
    { name: 'change' },
  ];
  return html`<h2>Latency, with what is noise</h2>
<p>Intervals by order statistics: they assume nothing of the distribution, but that requests are independent; where slow ones come in a row they are too narrow. The interval of a ratio rests on four limits (Bonferroni) and is wider than it has to be. Each row stands alone: of twenty steps without a change, one may show one. Which change is too much is for the thresholds to say.</p>
${table(`${name} with intervals`, columns, [
  { cells: [...cellsOf('baseline', baseline), '', '', ''] },
  ...rows.map((row) => rowOf(row.phase === 'run' ? 'the whole run' : row.phase, row, row.ratio)),
])}`;
}

function rowOf(name: string, interval: LatencyInterval, ratio: RatioInterval): Row {
  return {
    cells: [
      ...cellsOf(name, interval),
      ratio.estimate === null ? '–' : times(ratio.estimate),
      between(ratio.lower, ratio.upper, times),
      ratio.moved ?? (ratio.lower === null || ratio.upper === null ? 'too few requests' : '~'),
    ],
  };
}

function cellsOf(name: string, { samples, estimate, lower, upper }: LatencyInterval) {
  return [name, formatCount(samples), estimate === null ? '–' : formatMs(estimate), between(lower, upper, formatMs)];
}

/** An interval that is open where the samples give no limit. */
function between(lower: number | null, upper: number | null, text: (value: number) => string): string {
  if (lower === null && upper === null) return '–';
  if (lower === null) return `up to ${text(upper as number)}`;
  return upper === null ? `from ${text(lower)}` : `${text(lower)} to ${text(upper)}`;
}

function times(ratio: number): string {
  return `${Number(ratio.toPrecision(3))}×`;
}
