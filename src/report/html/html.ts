import { visible } from '../text.js';

/** Markup that is safe to insert; only `html` and `raw` make it. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = Html | string | number | null | undefined | false | readonly Value[];

/** Template tag: every value is escaped unless it is markup already; lists are joined, null and false leave nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = strings[0] as string;
  values.forEach((value, i) => {
    text += markupOf(value) + strings[i + 1];
  });
  return new Html(text);
}

/** Markup of our own making, taken as it is. */
export function raw(text: string): Html {
  return new Html(text);
}

/** Text made inert for content and quoted attributes. */
export function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** JSON for the inside of a script element: neither the element nor a line of script can be ended from within. */
export function scriptJson(value: unknown): Html {
  return raw(
    JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

function markupOf(value: Value): string {
  if (value === null || value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escapeHtml(value);
  return value.map(markupOf).join('');
}
