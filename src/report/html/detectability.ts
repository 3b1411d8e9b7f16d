import { type Detectability, outageSeen, partialSeen, type Visibility } from '../../model/detectability.js';
import { formatCount, formatMs, formatShare } from '../../model/units.js';
import { chanceText, OUTAGES_MS, PARTIALS } from '../detectability-values.js';
import { curveLegend, curvesShown, detectabilitySvg } from './detectability-svg.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import type { Section } from './view.js';

export const detectabilitySection: Section = {
  id: 'detectability',
  nav: 'Detectability',
  render: ({ judgement }) => detectabilityHtml(judgement.detectability),
};

/** What the run would have seen: a curve for all traffic and each flow, and a table of values for each step. */
export function detectabilityHtml(detectability: Detectability): Html | null {
  const { arrival, rows } = detectability;
  const curves = curvesShown(detectability);
  if (curves.length === 0) return null;
  return html`<h2>What would have been seen</h2>
<p>${introduction(arrival)}</p>
<figure>${detectabilitySvg(arrival, curves, { width: 1160, className: 'wide' })}${detectabilitySvg(arrival, curves, { width: 400, className: 'narrow' })}${curveLegend(curves)}</figure>
${summaryTable(rows.filter(({ phase, flow }) => phase === 'run' || flow === null))}
<details><summary>The curve as a table</summary>${outageTable(arrival, rows)}${partialTable(arrival, rows)}</details>`;
}

function introduction(arrival: Detectability['arrival']): string {
  const complete =
    arrival === 'even'
      ? 'An outage in which every request fails, beginning at a random moment, is seen with at least its length over the largest gap between sends, phase by phase.'
      : 'An outage of length L in which every request fails, beginning at a random moment, is seen with 1 − exp(−rate × L), and surely from the largest gap between sends on.';
  return `${complete} One that hits only a share of the requests, each on its own, is seen with 1 − (1 − share)^n, n being the requests meanwhile at the realised rate. 95 % counts as seen.`;
}

function summaryTable(rows: readonly Visibility[]): Html {
  const columns = [
    { name: 'where' },
    { name: 'requests', number: true },
    { name: 'a second', number: true },
    { name: 'largest gap', number: true },
    { name: 'outage seen with 95 %', number: true },
    { name: 'failing share seen with 95 %, over 1 s', number: true },
    { name: 'throughout', number: true },
  ];
  const share = (value: number | null) => (value === null ? '–' : `from ${formatShare(value)}`);
  return table(
    'What would have been seen',
    columns,
    rows.map((row) => ({
      cells: [
        placeOf(row),
        formatCount(row.requests),
        row.forMs <= 0 ? null : ((row.requests * 1000) / row.forMs).toFixed(1),
        formatMs(row.gapMs),
        row.outage95Ms === null ? '–' : `from ${formatMs(row.outage95Ms)}`,
        share(row.share95.oneSecond),
        share(row.share95.throughout),
      ],
    })),
  );
}

function outageTable(arrival: Detectability['arrival'], rows: readonly Visibility[]): Html {
  const columns = [
    { name: 'every request fails for' },
    ...OUTAGES_MS.map((ms) => ({ name: formatMs(ms), number: true })),
  ];
  return table('Probability that an outage is seen', columns, rows.map(outageRow(arrival)));
}

function outageRow(arrival: Detectability['arrival']): (row: Visibility) => Row {
  return (row) => ({ cells: [placeOf(row), ...OUTAGES_MS.map((ms) => chanceText(outageSeen(arrival, row, ms)))] });
}

function partialTable(arrival: Detectability['arrival'], rows: readonly Visibility[]): Html {
  const columns = [
    { name: 'a share of the requests fails' },
    ...PARTIALS.map(({ share, forMs }) => ({ name: `${formatShare(share)} for ${formatMs(forMs)}`, number: true })),
  ];
  return table(
    'Probability that a partial outage is seen',
    columns,
    rows.map((row) => ({
      cells: [placeOf(row), ...PARTIALS.map(({ share, forMs }) => chanceText(partialSeen(arrival, row, share, forMs)))],
    })),
  );
}

function placeOf({ phase, flow }: Visibility): Html {
  const where = phase === 'run' ? 'the whole run' : phase;
  return html`${where}${flow !== null && html`<span class="sub">${flow}</span>`}`;
}
