import type { Feed, RequestPlan, RequestTemplate, Slot, Template } from '../wire/plan.js';
import { type Dynamic, dynamicParts, readable } from './dynamic.js';
import { isHeaderValue } from './headers.js';
import type { Path, Report } from './problem.js';
import { didYouMean, oneOf } from './suggest.js';

/** The feeds of a scenario, and the names of those that could not be read. */
export interface Feeds {
  all: readonly Feed[];
  faulty: readonly string[];
}

/** The plan as it may be shown, and what of it is made anew for each request; null where nothing is. */
export function templateOf(
  plan: RequestPlan,
  feeds: Feeds,
  path: Path,
  report: Report,
): { plan: RequestPlan; template: RequestTemplate | null } {
  const read = (text: string): Template | null => slotted(dynamicParts(text), feeds, path, report);
  const headers = Object.entries(plan.headers).flatMap(([name, text]) => {
    const template = read(text);
    return template === null ? [] : [[name, template] as const];
  });
  const template: RequestTemplate = {
    path: read(plan.path),
    headers: Object.fromEntries(headers),
    body: plan.body === null ? null : read(plan.body),
  };
  if (template.path === null && template.body === null && headers.length === 0) return { plan, template: null };
  for (const [name, each] of headers) checkHeaderRows(name, each, feeds, path, report);
  const shown = {
    ...plan,
    path: readable(plan.path),
    headers: Object.fromEntries(Object.entries(plan.headers).map(([name, text]) => [name, readable(text)])),
    body: plan.body === null ? null : readable(plan.body),
  };
  return { plan: shown, template };
}

function slotted(
  parts: readonly (string | Dynamic)[] | null,
  feeds: Feeds,
  path: Path,
  report: Report,
): Template | null {
  if (parts === null) return null;
  return parts.map((part): string | Slot => {
    if (typeof part === 'string' || part.value !== 'data') return part;
    return { value: 'data', feed: feedNumber(part, feeds, path, report), column: part.column };
  });
}

function feedNumber(
  { feed, column }: { feed: string; column: string },
  { all, faulty }: Feeds,
  path: Path,
  report: Report,
): number {
  if (faulty.includes(feed)) return 0;
  const number = all.findIndex(({ name }) => name === feed);
  const needle = `\${data.${feed}.${column}}`;
  if (number < 0) {
    const names = all.map(({ name }) => name);
    const hint = names.length === 0 ? 'name its file under `traffic.data`' : `\`traffic.data\` has ${oneOf(names)}`;
    report(path, `there is no data \`${feed}\`${didYouMean(feed, names)}`, { needle, hint });
    return 0;
  }
  const columns = Object.keys(all[number]?.rows[0] ?? {});
  if (!columns.includes(column)) {
    const meant = didYouMean(column, columns);
    const hint = meant === '' && columns.length <= 20 ? `its columns are ${oneOf(columns)}` : null;
    report(path, `\`${feed}\` has no column \`${column}\`${meant}`, { needle, hint });
  }
  return number;
}

/** A line break in a row would end the header, and let a file write headers of its own. */
function checkHeaderRows(name: string, template: Template, { all }: Feeds, path: Path, report: Report): void {
  for (const slot of template) {
    if (typeof slot === 'string' || slot.value !== 'data') continue;
    const feed = all[slot.feed];
    const row = feed?.rows.findIndex((each) => !isHeaderValue(each[slot.column] ?? '')) ?? -1;
    if (feed === undefined || row < 0) continue;
    const message = `row ${row + 1} of \`${feed.name}\` has a \`${slot.column}\` that no header can hold (line breaks, control characters, characters beyond Latin-1)`;
    report([...path, 'headers', name], message);
  }
}
