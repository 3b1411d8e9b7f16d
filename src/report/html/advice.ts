import type { MeasuredTimes } from '../../model/advice.js';
import { formatMs } from '../../model/units.js';
import type { Judgement } from '../../model/verdict.js';
import { clip } from '../text.js';
import { type Html, html } from './html.js';
import { facts, type Row, table } from './table.js';
import type { Section } from './view.js';

const TIMES: [keyof MeasuredTimes, string][] = [
  ['boot', 'Boot'],
  ['longestRequest', 'Longest request'],
  ['oldAnswers', 'Old release answered for'],
  ['oldProcesses', 'Old processes lived for'],
  ['idleAtReset', 'Idle when closed by the release'],
  ['ownIdleTimeout', "Target's own idle timeout"],
  ['migrationStall', 'Requests waited in a migration'],
];

/** Settings that follow from what was measured; nothing where nothing was. */
export const adviceSection: Section = {
  id: 'advice',
  nav: 'Settings',
  render: ({ judgement }) => advised(judgement),
};

function advised({ advice: found }: Judgement): Html | null {
  if (found === null) return null;
  const { times, advice } = found;
  const measured = TIMES.flatMap(([key, name]) => {
    const time = times[key];
    return time === null
      ? []
      : [[name, html`${formatMs(time.ms)}<span class="sub">${clip(time.from, 300)}</span>`] as const];
  });
  if (measured.length === 0) return null;
  return html`<h2>Settings by measurement</h2>
<p>What this run measured, and the settings that follow from it for the systems that are in use. The longest of what a run meets is not the longest there is: give more room where you know of slower requests.</p>${facts(measured)}${
    advice.length > 0 &&
    table(
      'Settings by measurement',
      [
        { name: 'system' },
        { name: 'setting', wide: true },
        { name: 'worked out as', wide: true },
        { name: 'measured', wide: true },
        { name: 'note', wide: true },
      ],
      advice.map(
        ({ system, line, formula, measured: from, note }): Row => ({
          cells: [
            system,
            html`<code>${line}</code>`,
            formula,
            html`${from.map((text) => html`<span class="sub">${clip(text, 300)}</span>`)}`,
            note,
          ],
        }),
      ),
    )
  }`;
}
