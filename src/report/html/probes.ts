import { formatCount, formatMs, plural } from '../../model/units.js';
import { type FoundFault, type ProbeSummary, probeSummaries } from '../probes.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import { placeOf, type Section, type View } from './view.js';

const MAX_FAULTS = 60;

/** What each probe did and found; nothing where the scenario has none. */
export const probesSection: Section = {
  id: 'probes',
  nav: 'Probes',
  render: (view) => {
    const probes = probeSummaries(view.run);
    if (probes.length === 0) return null;
    return html`<h2>Probes</h2>
<p>Traffic beside the mix, each kind for one way in which a release fails. A breach is downtime; a risk is what a client could have lost; evidence says where a failure comes from.</p>${table(
      'Probes',
      [
        { name: 'probe' },
        { name: 'what it did', wide: true },
        { name: 'requests', number: true },
        { name: 'failed', number: true },
        { name: 'what it found', wide: true },
        { name: 'connected again', wide: true },
      ],
      probes.map((probe) => probeRow(view, probe)),
    )}${faults(view, probes)}`;
  },
};

function probeRow({ run: { phases } }: View, { name, run, worked, found }: ProbeSummary): Row {
  const breach = found.some(({ fault }) => fault.severity === 'breach');
  const straddled = run?.straddled.flatMap((index) => phases[index]?.name ?? []) ?? [];
  const waited = run?.times.map(({ ms }) => ms) ?? [];
  return {
    tone: breach ? 'hit' : found.length > 0 || !worked ? 'warn' : undefined,
    cells: [
      name,
      html`${worked ? clip(run?.detail ?? '', 200) : 'it never worked'}${run !== null && worked && !run.ended && html`<span class="sub">it did not end in order</span>`}${
        straddled.length > 0 &&
        html`<span class="sub">in flight at the start of ${clip(straddled.join(', '), 200)}</span>`
      }`,
      run === null ? '–' : formatCount(run.requests),
      run === null ? '–' : formatCount(run.failed),
      found.length === 0 ? (worked ? 'nothing' : '–') : html`${found.map(foundCell)}`,
      waited.length === 0
        ? ''
        : `${plural(waited.length, 'time')}, after ${formatMs(Math.min(...waited))} to ${formatMs(Math.max(...waited))}`,
    ],
  };
}

function foundCell({ fault, count, byPhase }: FoundFault): Html {
  const steps = byPhase.map((entry) => `${formatCount(entry.count)} in ${entry.label}`).join(', ');
  return html`<span class="sub">${fault.severity}</span>${formatCount(count)} ${fault.claim}<span class="sub">${clip(steps, 300)}</span>`;
}

function faults({ run }: View, probes: readonly ProbeSummary[]): Html | null {
  const all = probes
    .flatMap(({ name, run: probe }) => (probe?.faults ?? []).map((fault) => ({ ...fault, name })))
    .sort((a, b) => a.at - b.at);
  if (all.length === 0) return null;
  const rows = all.slice(0, MAX_FAULTS).map(
    ({ at, since, phase, name, count, detail }): Row => ({
      cells: [
        atSeconds(at),
        placeOf(run, phase, at),
        name,
        count,
        formatMs(Math.max(0, at - since)),
        clip(detail, 300),
      ],
    }),
  );
  return html`<h3>First faults</h3>${table(
    'First faults of the probes',
    [
      { name: 'at' },
      { name: 'step', wide: true },
      { name: 'probe' },
      { name: 'fault' },
      { name: 'all was well before', number: true },
      { name: 'detail', wide: true },
    ],
    rows,
  )}${all.length > rows.length && html`<p class="more">${plural(all.length - rows.length, 'more fault')} in <code>run.json</code> and the journal.</p>`}`;
}
