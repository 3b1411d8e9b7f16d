import { standingFindings, type TracedStatement } from '../../model/migrations.js';
import { formatMs } from '../../model/units.js';
import {
  brokenQueries,
  inOrder,
  placeText,
  type StepSql,
  sizeTexts,
  sqlSummary,
  unseenTexts,
} from '../migrations-text.js';
import { clip } from '../text.js';
import { type Html, html } from './html.js';
import { table } from './table.js';
import type { Section } from './view.js';

/** Rows of one table; `run.json` has the rest. */
const LISTED = 200;

/** What was found about the SQL of the steps before the run began. */
export const migrationsSection: Section = {
  id: 'migrations',
  nav: 'Migrations',
  render: ({ run: { migrations } }) => {
    if (migrations.length === 0) return null;
    return html`<h2>Migrations</h2>
<p>The SQL that steps name, as it was looked at before the run began. The check reads it; a trace runs it on a shadow database, with the old release's queries after it.</p>${migrations.map(stepSql)}`;
  },
};

function stepSql(found: StepSql): Html {
  const unseen = unseenTexts(found);
  return html`<h3>${clip(found.step, 80)}</h3><p>${clip(sqlSummary(found), 600)}.</p>${findings(found)}${broken(found)}${sizes(found)}${statements(found)}${suppressed(found)}${
    unseen.length > 0 && html`<p class="sub">${unseen.map((text) => clip(text, 400)).join(' ')}</p>`
  }`;
}

function findings(found: StepSql): Html | null {
  const all = inOrder(standingFindings(found));
  if (all.length === 0) return null;
  return table(
    `Findings in the SQL of ${found.step}`,
    [{ name: 'where' }, { name: 'severity' }, { name: 'what', wide: true }, { name: 'remedy', wide: true }],
    all.slice(0, LISTED).map((each) => ({
      tone: each.severity === 'error' ? ('hit' as const) : each.severity === 'warning' ? ('warn' as const) : undefined,
      cells: [
        html`<code>${clip(placeText(each), 300)}</code>`,
        each.severity,
        html`${clip(each.message, 600)}<span class="sub"> ${clip(each.rule, 80)}</span>`,
        clip(each.remedy, 600),
      ],
    })),
  );
}

function broken(found: StepSql): Html | null {
  const all = brokenQueries(found);
  if (all.length === 0) return null;
  return html`<h4>Queries that fail</h4>${table(
    `Queries that fail because of ${found.step}`,
    [
      { name: 'query', wide: true },
      { name: 'of', wide: true },
      { name: 'the server says', wide: true },
    ],
    all.slice(0, LISTED).map(({ when, query }) => ({
      tone: 'hit' as const,
      cells: [html`<code>${clip(query.id ?? query.sql, 300)}</code>`, when, clip(query.error ?? '', 300)],
    })),
  )}`;
}

function sizes(found: StepSql): Html | null {
  const texts = sizeTexts(found);
  return texts.length === 0 ? null : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`;
}

function statements({ step, trace }: StepSql): Html | null {
  if (trace === null || trace.statements.length === 0) return null;
  return html`<details><summary>Statements on the shadow database</summary>${table(
    `Statements of ${step} on the shadow database`,
    [
      { name: 'statement', wide: true },
      { name: 'took', number: true },
      { name: 'locks', wide: true },
      { name: 'work on whole tables', wide: true },
    ],
    trace.statements.slice(0, LISTED).map((each) => ({
      tone: each.error === null ? undefined : ('hit' as const),
      cells: [
        html`<code>${clip(each.sql, 300)}</code>${each.error !== null && html` ${clip(each.error, 200)}`}`,
        formatMs(each.durationMs),
        clip(each.locks.map(({ relation, mode }) => `${mode} on ${relation}`).join(', '), 300),
        clip(workOf(each), 300),
      ],
    })),
  )}</details>`;
}

function workOf({ rewrote, scanned, built }: TracedStatement): string {
  const said = (what: string, names: readonly string[]) => (names.length === 0 ? [] : [`${what} ${names.join(', ')}`]);
  return [...said('wrote anew', rewrote), ...said('read', scanned), ...said('built', built)].join('; ');
}

function suppressed({ step, check }: StepSql): Html | null {
  const all = check?.suppressed ?? [];
  if (all.length === 0) return null;
  return html`<details><summary>Findings that comments in the SQL take back</summary>${table(
    `Findings of ${step} that are taken back`,
    [{ name: 'where' }, { name: 'what', wide: true }, { name: 'why not', wide: true }],
    all.slice(0, LISTED).map((each) => ({
      cells: [
        html`<code>${clip(placeText(each), 300)}</code>`,
        html`${clip(each.message, 600)}<span class="sub"> ${clip(each.rule, 80)}</span>`,
        clip(each.reason, 300),
      ],
    })),
  )}</details>`;
}
