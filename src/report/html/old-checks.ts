import type { OldCheck } from '../../model/old-checks.js';
import type { Judgement } from '../../model/verdict.js';
import { missedOf, OLD_CHECKS_INTRO, SAYS_TEXT } from '../old-checks-text.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import type { Section } from './view.js';

/** What the checks that teams usually have would have made of this run. */
export const oldChecksSection: Section = {
  id: 'old-checks',
  nav: 'Old checks',
  render: ({ judgement }) => oldChecksOf(judgement),
};

function oldChecksOf(judgement: Judgement): Html | null {
  const { oldChecks: checks = [], verdict } = judgement;
  if (checks.length === 0) return null;
  return html`<h2>What the old check would have said</h2>
<p>${OLD_CHECKS_INTRO}</p>${table(
    'What the old check would have said',
    [
      { name: 'check', wide: true },
      { name: 'says' },
      { name: 'numbers', wide: true },
      { name: 'would have missed', wide: true },
    ],
    checks.map((check) => row(check, verdict)),
  )}<details><summary>How each is worked out, and what it cannot know</summary><dl class="facts">${checks.map(
    ({ what, basis }) => html`<dt>${what}</dt><dd>${basis}</dd>`,
  )}</dl></details>`;
}

/** A check that says otherwise than the verdict stands out. */
function row(check: OldCheck, verdict: Judgement['verdict']): Row {
  const { what, says, numbers, missed } = check;
  const isWrong = verdict === 'downtime' && says === 'pass';
  const tone = isWrong ? 'bad' : says === 'unsure' || (says === 'pass' && missed.length > 0) ? 'unsure' : '';
  return {
    tone: isWrong ? 'hit' : tone === 'unsure' ? 'warn' : undefined,
    cells: [
      what,
      html`<span class="state ${tone}">${SAYS_TEXT[says]}</span>`,
      numbers,
      missed.length === 0
        ? html`<span class="sub">${missedOf(check)[0]}</span>`
        : html`<ul>${missedOf(check).map((text) => html`<li>${text}</li>`)}</ul>`,
    ],
  };
}
