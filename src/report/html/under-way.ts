import { formatCount, plural } from '../../model/units.js';
import { atSeconds } from '../text.js';
import { type Html, html } from './html.js';
import type { View } from './view.js';

/** What is known of a run that goes on: that users were failed stays true, anything else is open. */
export function underWayTitle({ judgement: { verdict } }: View): string {
  return verdict === 'downtime' ? 'Downtime so far' : 'Under way';
}

/** In place of the verdict. The strip below it is filled by the script that follows the run. */
export function underWayBanner(view: View): Html {
  const { run } = view;
  const mood = view.judgement.verdict === 'downtime' ? 'bad' : 'unsure';
  return html`<header class="banner mood-${mood}"><div class="top"><div class="verdict"><svg viewBox="0 0 64 64" aria-hidden="true"><path class="mark" d="M32 3a29 29 0 1 0 0 58a29 29 0 1 0 0-58z"/><path class="sign" d="M26 20l20 12-20 12z" fill="none" stroke="#fff" stroke-width="6" stroke-linejoin="round"/></svg><p class="scenario">${run.header.scenario.name} <span class="dim">→ ${run.header.target.url}</span></p><h1>${underWayTitle(view)}</h1></div>
<p class="headline">${countsSoFar(view)}</p>
<div class="follow" id="follow" data-at="${Math.round(run.durationMs)}" hidden><p><b id="follow-time"></b> <span id="follow-where"></span> <span class="dim" id="follow-activity"></span></p><p id="follow-steps"></p><p id="follow-counts"></p><p class="bad" id="follow-failure"></p><p class="dim" role="status" id="follow-state"></p></div>
<p class="notice">No verdict yet: this is the record as it was ${atSeconds(run.durationMs)} after the start. Sections that judge the run speak of what has happened until then.</p></div></header>`;
}

function countsSoFar({ summary: { afterBaseline, totals } }: View): string {
  const { requests, failed } = afterBaseline.tally;
  if (requests === 0) return `${plural(totals.requests, 'request')} so far, all of the baseline or before.`;
  return `${formatCount(failed)} of ${plural(requests, 'request')} after the baseline failed so far.`;
}
