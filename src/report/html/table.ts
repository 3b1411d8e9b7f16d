import { type Html, html } from './html.js';

export type Cell = Html | string | number | null;

export interface Column {
  name: string;
  /** Numbers are set right-aligned and never broken. */
  number?: boolean;
  /** Long text that needs room. */
  wide?: boolean;
  /** Short names, broken between words alone. */
  word?: boolean;
}

export interface Row {
  cells: Cell[];
  tone?: 'hit' | 'warn' | undefined;
}

/** A table in a box of its own that scrolls sideways where the page is narrow; the first cell names the row. */
export function table(caption: string, columns: readonly Column[], rows: readonly Row[]): Html {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><thead><tr>${columns.map(
    ({ name, number }) => html`<th scope="col"${number && html` class="n"`}>${name}</th>`,
  )}</tr></thead><tbody>${rows.map(
    ({ cells, tone }) =>
      html`<tr${tone && html` class="${tone}"`}>${cells.map((cell, i) => cellOf(cell, columns[i], i === 0))}</tr>`,
  )}</tbody></table></div>`;
}

/** Terms and what they are. */
export function facts(entries: readonly (readonly [string, Html | string | number | null])[]): Html {
  return html`<dl class="facts">${entries.map(([term, value]) => html`<dt>${term}</dt><dd>${value ?? '–'}</dd>`)}</dl>`;
}

function cellOf(cell: Cell, column: Column | undefined, head: boolean): Html {
  if (head) return html`<th scope="row"${column?.number && html` class="n"`}>${cell}</th>`;
  const zero = cell === 0 || cell === '0' ? ' zero' : '';
  if (column?.number) return html`<td class="n${zero}">${cell}</td>`;
  if (column?.word) return html`<td class="word">${cell}</td>`;
  return column?.wide ? html`<td class="wide">${cell}</td>` : html`<td>${cell}</td>`;
}
