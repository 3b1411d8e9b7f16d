import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import type { Verdict } from '../../model/verdict.js';
import { change, furtherReasons, likelyCause, VERDICT_TEXT } from '../judged.js';
import { exitText, gateText, rehearsalText, releaseText } from '../release-text.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html, raw } from './html.js';
import { placeOf, type View } from './view.js';

export const MOOD: Record<Verdict, 'good' | 'bad' | 'unsure'> = {
  'zero-downtime': 'good',
  downtime: 'bad',
  inconclusive: 'unsure',
};

/** A shape of its own for each state: a disc, an octagon, a diamond. */
const SIGNS: Record<Verdict, [mark: string, sign: string]> = {
  'zero-downtime': ['M32 3a29 29 0 1 0 0 58a29 29 0 1 0 0-58z', 'M19 33l9 9 18-20'],
  downtime: ['M20.5 3h23L61 20.500v23L43.500 61h-23L3 43.500v-23z', 'M22 22l20 20M42 22L22 42'],
  inconclusive: ['M32 1.500L62.500 32 32 62.500 1.500 32z', 'M25 26.500c0-9 14-9 14-.5 0 6-7 6-7 12M32 46v.1'],
};

/** The verdict in a second, then release, gate and exit code, then why. */
export function banner({ run, judgement }: View): Html {
  const { verdict, release, gate, exitCode, headline, servesNow, changeVerified } = judgement;
  const [mark, sign] = SIGNS[verdict];
  const reasons = furtherReasons(judgement);
  const cause = likelyCause(judgement);
  const rehearsed = rehearsalText(run, judgement);
  const axes: [string, string, string][] = [
    ['Release', releaseText(run, judgement), release === 'completed' ? 'good' : 'bad'],
    ['Gate', gateText(judgement), gate === 'pass' ? 'good' : gate === 'fail' ? 'bad' : 'unsure'],
    ['Exit', `${exitCode}`, exitCode === 0 ? 'good' : exitCode === 98 ? 'unsure' : 'bad'],
    ['Serves now', servesNow ?? 'unknown', ''],
    ...(changeVerified === null ? ([['Version', 'change not verified', 'unsure']] as [string, string, string][]) : []),
  ];
  return html`<header class="banner mood-${MOOD[verdict]}"><div class="top"><div class="verdict"><svg viewBox="0 0 64 64" aria-hidden="true"><path class="mark" d="${raw(mark)}"/><path class="sign" d="${raw(sign)}" fill="none" stroke="#fff" stroke-width="6" stroke-linecap="round" stroke-linejoin="round"/></svg><p class="scenario">${run.header.scenario.name} <span class="dim">→ ${run.header.target.url}</span></p><h1>${VERDICT_TEXT[verdict]}</h1></div>
<p class="headline">${headline}</p>${cause !== null && html`<p class="headline"><b>Likely cause</b> ${cause.claim} <span class="dim">${cause.about}</span></p>`}
<p class="axes">${axes.map(([name, text, tone]) => html`<span class="axis" ${name === 'Exit' && html`title="${exitText(run, judgement)}"`}><span>${name}</span> <b class="${tone}">${text}</b></span> `)}</p>${
    run.cut &&
    html`<p class="notice"><strong>This run was cut.</strong> Its record has no end: what follows is all but the last second, and nothing is known of what came after ${atSeconds(run.durationMs)}.</p>`
  }${rehearsed !== null && html`<p class="notice">${rehearsed}</p>`}${
    exitCode === 95 &&
    html`<p class="notice"><strong>Act by hand: the rollback failed.</strong>${run.header.scenario.runbook !== null && html` Runbook: <code>${run.header.scenario.runbook}</code>`}</p>`
  }${reasonsList(reasons)}</div></header>`;
}

/** So many reasons, and two more, stand above the timeline; the others are a click away. */
const REASONS_SHOWN = 6;

function reasonsList(reasons: readonly string[]): Html | null {
  if (reasons.length === 0) return null;
  const list = (some: readonly string[]) =>
    html`<ul class="reasons">${some.map((reason) => html`<li>${reason}</li>`)}</ul>`;
  if (reasons.length <= REASONS_SHOWN + 2) return list(reasons);
  const further = reasons.slice(REASONS_SHOWN);
  return html`${list(reasons.slice(0, REASONS_SHOWN))}<details><summary>${further.length} more</summary>${list(further)}</details>`;
}

const NO_BREAK = '\u00A0';

interface Tile {
  name: string;
  value: string | Html;
  note: string;
  hit?: boolean;
}

/** Seven numbers, worst news first; what was not measured is a dash. */
export function tiles(view: View): Html {
  return html`<dl class="tiles">${tilesOf(view).map(
    ({ name, value, note, hit }) =>
      html`<div class="tile${hit ? ' hit' : ''}"><dt>${name}</dt><dd>${value}</dd><dd class="note">${note}</dd></div>`,
  )}</dl>`;
}

function tilesOf({ run, judgement, summary, timeline }: View): Tile[] {
  const { afterBaseline, baseline, totals, connectionErrors } = summary;
  const { tally, latency } = afterBaseline;
  const sent = totals.requests > 0;
  const outage = longest(run.outages);
  const stall = longest(timeline.stalls);
  const compared = change(latency.p99, baseline.p99);
  const { bound } = judgement;
  return [
    {
      name: 'Failed requests',
      value: sent ? formatCount(tally.failed) : '–',
      note: `of ${formatCount(tally.requests)} after the baseline${tally.retryable > 0 ? `; ${formatCount(tally.retryable)} retryable` : ''}${tally.blocked > 0 ? `; ${formatCount(tally.blocked)} blocked` : ''}`,
      hit: tally.failed > 0,
    },
    {
      name: 'Connection errors',
      value: sent ? formatCount(connectionErrors) : '–',
      note: totals.unsent > 0 ? `${plural(totals.unsent, 'request')} unsent` : 'refused, reset, closed, cut, timeout',
      hit: connectionErrors > 0,
    },
    {
      name: 'Longest outage',
      value: outage ? formatMs(outage.durationMs) : sent ? 'none' : '–',
      note: outage ? clip(placeOf(run, outage.phase, outage.startAt), 60) : 'first failure to next success',
      hit: outage !== undefined,
    },
    {
      name: 'Longest stall',
      value: stall ? formatMs(stall.durationMs) : sent ? 'none' : '–',
      note: stall ? clip(placeOf(run, stall.phase, stall.startAt), 60) : 'over the limit',
      hit: stall !== undefined,
    },
    {
      name: 'p99 after baseline',
      value: latency.p99 === null ? '–' : formatMs(latency.p99),
      note:
        baseline.p99 === null
          ? 'no baseline'
          : `baseline ${formatMs(baseline.p99)}${compared === '' ? '' : `, ${compared.replace(' ', NO_BREAK)}`}`,
    },
    {
      name: 'Failure rate, 95 %',
      value: bound.requests > 0 ? html`<small>≤</small> ${formatShare(bound.failureRateUpper95)}` : '–',
      note: 'upper limit, independent failures assumed',
    },
    {
      name: 'Detectable outage',
      value: bound.requests > 0 ? formatMs(bound.shortestDetectableOutageMs) : '–',
      note: 'the shortest that could not be missed',
    },
  ];
}

function longest<T extends { durationMs: number }>(entries: readonly T[]): T | undefined {
  return entries.reduce<T | undefined>(
    (found, entry) => (found && found.durationMs >= entry.durationMs ? found : entry),
    undefined,
  );
}
