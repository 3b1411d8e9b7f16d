import { formatMs } from '../../model/units.js';
import { latencyRange } from '../chart-scales.js';
import { CAUSE_HATCH, type ColourName, type Hatch, versionColour, versionHatch } from '../palette.js';
import { offset } from '../text.js';
import type { Column, Timeline } from '../timeline.js';
import { type Html, html, raw } from './html.js';
import { BOLD, caption, captions, type Frame, fill, gridLine, LEFT, niceStep, num, stroke } from './svg-parts.js';

export function failureBars(timeline: Timeline, { columns, failures, x, right, width: total }: Frame): Html {
  const { causes, retryable } = timeline;
  const bars = columns.filter((column) => column.failed + column.retryable > 0);
  const top = Math.max(2, ...bars.map((column) => column.failed + column.retryable));
  const step = Math.max(1, niceStep(top / 3));
  const max = Math.ceil(top / step) * step;
  const height = (count: number) => (count / max) * (failures.bottom - failures.top);
  const stacked = new Map<number, number>();
  const forMs = columns[0]?.forMs ?? 100;
  const width = Math.max(1.5, x(forMs) - x(0));
  const group = (name: ColourName, hatch: Hatch, count: (column: Column) => number) =>
    html`<g ${fill(name, hatch)}><g ${hatch !== 'solid' && stroke(name)} stroke-width=".75">${bars.map((column) => {
      const n = count(column);
      if (n === 0) return null;
      const below = stacked.get(column.at) ?? 0;
      stacked.set(column.at, below + n);
      return html`<rect x="${num(x(column.at))}" y="${num(failures.bottom - height(below + n))}" width="${num(width + 0.2)}" height="${num(height(n))}"/>`;
    })}</g></g>`;
  const ticks: number[] = [];
  for (let at = 0; at <= max; at += step) ticks.push(at);
  return html`${bars.length === 0 ? gridLine(failures.bottom, '0', right) : ticks.map((at) => gridLine(failures.bottom - height(at), String(at), right))}${caption(
    bars.length === 0 ? 'failed requests: none' : `${captions(total).failures} ${formatMs(forMs)}`,
    failures,
  )}${causes.map((cause) => group(cause, CAUSE_HATCH[cause], ({ byError }) => byError[cause] ?? 0))}${
    retryable && group('retryable', CAUSE_HATCH.retryable, (column) => column.retryable)
  }`;
}

export function latencyLines(timeline: Timeline, { columns, latency, x, right, width }: Frame): Html {
  const { min, max } = latencyRange(timeline.columns);
  const span = Math.log10(max / min);
  const y = (ms: number) =>
    latency.bottom - (Math.log10(Math.min(max, Math.max(min, ms)) / min) / span) * (latency.bottom - latency.top);
  const ticks = [];
  for (let decade = 10 ** Math.floor(Math.log10(min)); decade <= max * 1.0001; decade *= 10) {
    for (const at of span > 3 ? [1] : [1, 2, 5]) ticks.push(Number((at * decade).toPrecision(3)));
  }
  const mid = (column: Column) => x(Math.min(timeline.durationMs, column.at + column.forMs / 2));
  const line = (pick: (column: Column) => number | null) =>
    strokes(columns, (column) => {
      const ms = pick(column);
      return ms === null ? null : [mid(column), y(ms)];
    });
  const limit = timeline.latencyLimitMs;
  return html`${ticks.filter((at) => at >= min * 0.999 && at <= max * 1.001).map((at) => gridLine(y(at), at >= 1000 ? `${at / 1000} s` : `${at} ms`, right))}${caption(captions(width).latency, latency)}<path d="${raw(ranges(columns, mid, y))}" ${stroke('p99')} stroke-opacity=".28" stroke-width="${num(Math.max(1, x(columns[0]?.forMs ?? 100) - x(0)))}"/>${
    limit !== null &&
    limit >= min &&
    limit <= max &&
    html`<path d="M${LEFT} ${num(y(limit))}H${right}" ${stroke('bad')} stroke-dasharray="6 4" stroke-width="1"/>`
  }<path d="${raw(line(({ p99Ms }) => p99Ms))}" ${stroke('p99')} fill="none" stroke-width="1.4" stroke-linecap="round"/><path d="${raw(line(({ p50Ms }) => p50Ms))}" ${stroke('p50')} fill="none" stroke-width="1.4" stroke-dasharray="4 2"/>`;
}

/** Times in which sessions waited for locks: as bars, and as a shade of the latencies above. */
export function lockBars({ locks: spans }: Timeline, { locks, latency, x }: Frame): Html | null {
  if (locks === null) return null;
  return html`${caption('sessions of the database that waited for locks', locks)}${spans.map(({ from, to }) => {
    const width = num(Math.max(1, x(to) - x(from)));
    return html`<g><title>sessions waited for a lock, ${formatMs(to - from)} from ${offset(from)}</title><rect x="${num(x(from))}" y="${latency.top}" width="${width}" height="${latency.bottom - latency.top}" ${fill('lock')} fill-opacity=".14"/><rect x="${num(x(from))}" y="${locks.top}" width="${width}" height="${locks.bottom - locks.top}" ${fill('lock')}/></g>`;
  })}`;
}

/** From the fastest to the slowest request of each column. */
function ranges(columns: readonly Column[], mid: (column: Column) => number, y: (ms: number) => number): string {
  return columns
    .filter(({ minMs, maxMs }) => minMs !== null && maxMs !== null)
    .map(
      (column) =>
        `M${num(mid(column))} ${num(y(column.minMs as number) + 0.5)}V${num(y(column.maxMs as number) - 0.5)}`,
    )
    .join('');
}

/** A line through neighbours; a point between two gaps becomes a dot. */
function strokes(columns: readonly Column[], at: (column: Column) => [number, number] | null): string {
  let text = '';
  let last: Column | null = null;
  for (const column of columns) {
    const point = at(column);
    if (point === null) {
      last = null;
      continue;
    }
    const joined = last !== null && column.at - last.at <= column.forMs * 1.5;
    text += `${joined ? 'L' : 'M'}${num(point[0])} ${num(point[1])}${joined ? '' : 'h.01'}`;
    last = column;
  }
  return text;
}

export function versionShares(timeline: Timeline, { columns, versions: panel, x }: Frame): Html | null {
  if (panel === null) return null;
  const height = panel.bottom - panel.top;
  const runs = sharesOf(columns, timeline.durationMs);
  const drawn = timeline.versions.map((version, index) => {
    const rects = runs.map(({ from, to, shares }) => {
      const below = shares.slice(0, index).reduce((sum, share) => sum + share, 0);
      const share = shares[index] ?? 0;
      if (share === 0) return null;
      return html`<rect x="${num(x(from))}" y="${num(panel.top + (1 - below - share) * height)}" width="${num(x(to) - x(from))}" height="${num(share * height)}"/>`;
    });
    return html`<g ${fill(versionColour(index), versionHatch(index))}><title>version ${version}</title>${rects}</g>`;
  });
  const names = runs.flatMap(({ from, to, shares }) => {
    const index = shares.indexOf(1);
    const name = timeline.versions[index] ?? '';
    if (index === -1 || x(to) - x(from) < name.length * BOLD + 18) return [];
    return [{ from, name }];
  });
  return html`${caption('version that answered', panel)}${drawn}${names.map(
    ({ from, name }) =>
      html`<rect x="${num(x(from) + 4)}" y="${panel.top + 5}" width="${num(name.length * BOLD + 10)}" height="16" rx="3" ${fill('page')}/><text x="${num(x(from) + 9)}" y="${panel.top + 17}" font-weight="600" ${fill('text')}>${name}</text>`,
  )}`;
}

/** Neighbouring columns with the same mix become one stretch. */
function sharesOf(columns: readonly Column[], durationMs: number): { from: number; to: number; shares: number[] }[] {
  const runs: { from: number; to: number; shares: number[] }[] = [];
  for (const { at, forMs, byVersion } of columns) {
    const total = byVersion.reduce((sum, count) => sum + count, 0);
    if (total === 0) continue;
    const shares = byVersion.map((count) => Number((count / total).toFixed(3)));
    const to = Math.min(durationMs, at + forMs);
    const last = runs.at(-1);
    if (last !== undefined && last.to >= at && last.shares.join() === shares.join()) last.to = to;
    else runs.push({ from: at, to, shares });
  }
  return runs;
}
