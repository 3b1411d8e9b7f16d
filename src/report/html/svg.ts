import { formatMs } from '../../model/units.js';
import { latencyRange } from '../chart.js';
import { type PlacedLabel, placeLabels } from '../labels.js';
import {
  CAUSE_HATCH,
  type ColourName,
  colour,
  type Hatch,
  PART_HATCH,
  versionColour,
  versionHatch,
} from '../palette.js';
import { offset } from '../text.js';
import { type Band, type Column, type Timeline, widen } from '../timeline.js';
import { type Html, html, raw } from './html.js';

export interface SvgOptions {
  width: number;
  /** Class of the element, by which the style sheet shows the one that fits. */
  className: string;
}

const LEFT = 50;
const RIGHT = 14;
const ROW = 16;
const CHAR = 6.5;
const BOLD = 7.3;

/** Geometry of one drawing: panels from top to bottom, and the two directions of the time axis. */
interface Frame {
  width: number;
  right: number;
  labels: PlacedLabel[];
  stripTop: number;
  failures: Panel;
  latency: Panel;
  versions: Panel | null;
  bottom: number;
  height: number;
  x(ms: number): number;
  columns: Column[];
}
interface Panel {
  top: number;
  bottom: number;
}

/**
 * The timeline as inline SVG: it needs no script, and colours come from the style sheet (dark mode) with presentation
 * attributes where that is missing. Titles carry what a pointer asks for.
 */
export function timelineSvg(timeline: Timeline, { width, className }: SvgOptions): Html {
  const frame = frameOf(timeline, width);
  const label = `Timeline of the run, ${formatMs(timeline.durationMs)}: ${timeline.bands.map(({ label: name }) => name).join(', ')}`;
  return html`<svg class="${className}" viewBox="0 0 ${width} ${frame.height}" width="${width}" height="${frame.height}" role="img" aria-label="${label}" font-size="11">${[
    bands(timeline, frame),
    axis(timeline, frame),
    outageMarks(timeline, frame),
    failureBars(timeline, frame),
    latencyLines(timeline, frame),
    versionShares(timeline, frame),
  ]}</svg>`;
}

/** The patterns every chart and legend of the page refers to. */
export function patternDefs(timeline: Timeline): Html {
  const used = new Map<string, [Hatch, ColourName]>();
  const use = (hatch: Hatch, name: ColourName) => hatch !== 'solid' && used.set(`${hatch}-${name}`, [hatch, name]);
  for (const cause of timeline.causes) use(CAUSE_HATCH[cause], cause);
  if (timeline.retryable) use(CAUSE_HATCH.retryable, 'retryable');
  for (const [part, hatch] of Object.entries(PART_HATCH)) use(hatch, part as ColourName);
  timeline.versions.forEach((_, i) => void use(versionHatch(i), versionColour(i)));
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>${[...used].map(
    ([id, [hatch, name]]) =>
      html`<pattern id="h-${id}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" ${fill(name)} opacity=".4"/><path d="${raw(STROKES[hatch])}" ${stroke(name)} stroke-width="2" fill="none"/></pattern>`,
  )}</defs></svg>`;
}

/** Fill attribute and class of a colour, hatched or not. */
export function fill(name: ColourName, hatch: Hatch = 'solid'): Html {
  return hatch === 'solid' ? raw(`fill="${solid(name)}" class="f-${name}"`) : raw(`fill="url(#h-${hatch}-${name})"`);
}

function stroke(name: ColourName): Html {
  return raw(`stroke="${solid(name)}" class="s-${name}"`);
}

/** SVG 1.1 viewers do not know eight digits. */
function solid(name: ColourName): string {
  return colour(name).slice(0, 7);
}

const STROKES: Record<Hatch, string> = {
  solid: '',
  rise: 'M-2 2L2 -2M-2 10L10 -2M6 10L10 6',
  fall: 'M10 2L6 -2M10 10L-2 -2M2 10L-2 6',
  cross: 'M-2 2L2 -2M-2 10L10 -2M6 10L10 6M10 2L6 -2M10 10L-2 -2M2 10L-2 6',
  dots: 'M1 2H3M5 6H7',
  rows: 'M0 4H8',
};

function frameOf(timeline: Timeline, width: number): Frame {
  const plot = width - LEFT - RIGHT;
  const small = width < 600;
  const pixelsPerMs = plot / timeline.durationMs;
  const labels = placeLabels(timeline.bands, { pixelsPerMs, width: plot, charWidth: CHAR, maxRows: small ? 5 : 4 });
  const rows = Math.max(1, ...labels.map(({ row }) => row + 1));
  const stripTop = 4 + rows * ROW;
  const failures = { top: stripTop + 34, bottom: stripTop + (small ? 104 : 134) };
  const latency = { top: failures.bottom + 30, bottom: failures.bottom + (small ? 140 : 186) };
  const versions =
    timeline.versions.length === 0 ? null : { top: latency.bottom + 26, bottom: latency.bottom + (small ? 48 : 52) };
  const bottom = (versions ?? latency).bottom;
  return {
    width,
    right: width - RIGHT,
    labels,
    stripTop,
    failures,
    latency,
    versions,
    bottom,
    height: bottom + 26,
    x: (ms) => LEFT + ms * pixelsPerMs,
    columns: widen(timeline, Math.floor(plot / 2)),
  };
}

function bands({ bands: all }: Timeline, frame: Frame): Html {
  return html`${all.map((band) => bandOf(band, frame))}${frame.labels.map(({ text, x, row, anchor }) => {
    const y = frame.stripTop - 6 - row * ROW;
    const at = LEFT + x;
    return html`<path d="M${num(at)} ${y - 9}V${frame.stripTop}" ${stroke('strong')} stroke-width="1"/><text x="${num(at + (anchor === 'start' ? 4 : -4))}" y="${y}" text-anchor="${anchor}" font-weight="600" ${fill('text')}>${text}</text>`;
  })}`;
}

function bandOf(band: Band, { x, stripTop, bottom }: Frame): Html {
  const left = x(band.from);
  const width = x(band.to) - left;
  const parts = band.parts.map(({ part, from, to }) => `${part} ${formatMs(to - from)}`).join(', ');
  return html`<g><title>${band.label}: ${formatMs(band.to - band.from)} from ${offset(band.from)}${parts === '' ? '' : `; ${parts}`}</title><rect x="${num(left)}" y="${stripTop + 12}" width="${num(width)}" height="${bottom - stripTop - 12}" ${fill(band.index % 2 === 0 ? 'bandA' : 'bandB')}/><path d="M${num(left)} ${stripTop}V${bottom}" ${stroke('strong')} stroke-width="1" stroke-opacity=".7"/>${band.parts.map(
    ({ part, from, to }) =>
      html`<rect x="${num(x(from))}" y="${stripTop + 1}" width="${num(Math.max(1, x(to) - x(from)))}" height="9" ${fill(part, PART_HATCH[part])}/>`,
  )}</g>`;
}

function axis(timeline: Timeline, { x, bottom, width }: Frame): Html {
  const step = niceStep(timeline.durationMs / 1000 / (width < 600 ? 4 : 10));
  const ticks: number[] = [];
  for (let at = 0; at <= timeline.durationMs / 1000 + 0.001; at += step) ticks.push(at);
  return html`<path d="M${LEFT} ${bottom}H${width - RIGHT}" ${stroke('strong')} stroke-width="1"/>${ticks.map(
    (at) =>
      html`<path d="M${num(x(at * 1000))} ${bottom}v4" ${stroke('strong')} stroke-width="1"/><text x="${num(x(at * 1000))}" y="${bottom + 17}" text-anchor="${at === 0 ? 'start' : 'middle'}" ${fill('dim')}>${Number(at.toFixed(1))} s</text>`,
  )}`;
}

function caption(text: string, { top }: Panel): Html {
  return html`<text x="${LEFT + 3}" y="${top - 7}" ${fill('dim')}>${text}</text>`;
}

/** A narrow drawing has no room for whole sentences. */
function captions(width: number): { failures: string; latency: string } {
  return width < 600
    ? { failures: 'failed in', latency: 'latency' }
    : { failures: 'failed requests in', latency: 'latency from the intended send time (log)' };
}

function gridLine(y: number, text: string, right: number): Html {
  return html`<path d="M${LEFT} ${num(y)}H${right}" ${stroke('line')} stroke-width="1"/><text x="${LEFT - 6}" y="${num(y + 4)}" text-anchor="end" ${fill('dim')}>${text}</text>`;
}

function outageMarks({ outages, stalls }: Timeline, { x, failures, latency, right, width }: Frame): Html {
  let free = 0;
  const marks = [
    ...outages.map((outage) => ({
      ...outage,
      name: 'outage',
      tint: 'outage' as const,
      line: 'bad' as const,
      panel: failures,
    })),
    ...stalls.map((stall) => ({
      ...stall,
      name: 'stall',
      tint: 'stall' as const,
      line: 'unsure' as const,
      panel: latency,
    })),
  ].sort((a, b) => a.panel.top - b.panel.top || a.startAt - b.startAt);
  let panel: Panel | null = null;
  return html`${marks.map(({ startAt, endAt, durationMs, name, tint, line, panel: { top } }) => {
    if (panel?.top !== top) free = 0;
    panel = { top, bottom: top };
    const [left, end] = [x(startAt), x(endAt)];
    const text = `${name} ${formatMs(durationMs)}`;
    const size = text.length * BOLD;
    const start = Math.min(left, right - size);
    const shown =
      start >= free &&
      start >
        LEFT +
          12 +
          CHAR * (top === failures.top ? captions(width).failures.length + 7 : captions(width).latency.length);
    if (shown) free = start + size + 8;
    const bottom = latency.bottom;
    return html`<g><title>${text} from ${offset(startAt)}</title><rect x="${num(left)}" y="${top}" width="${num(Math.max(1, end - left))}" height="${bottom - top}" ${fill(tint)} fill-opacity=".16"/><path d="M${num(left)} ${bottom}V${top}H${num(Math.max(left + 1, end))}V${bottom}" ${stroke(line)} stroke-width="1" fill="none" ${raw(name === 'stall' ? 'stroke-dasharray="3 3"' : '')}/>${
      shown && html`<text x="${num(start)}" y="${top - 7}" font-weight="600" ${fill(line)}>${text}</text>`
    }</g>`;
  })}`;
}

function failureBars(timeline: Timeline, { columns, failures, x, right, width: total }: Frame): Html {
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
    html`<g ${fill(name, hatch)} stroke-width=".75" stroke="${solid(name)}">${bars.map((column) => {
      const n = count(column);
      if (n === 0) return null;
      const below = stacked.get(column.at) ?? 0;
      stacked.set(column.at, below + n);
      return html`<rect x="${num(x(column.at))}" y="${num(failures.bottom - height(below + n))}" width="${num(width)}" height="${num(height(n))}"/>`;
    })}</g>`;
  const ticks: number[] = [];
  for (let at = 0; at <= max; at += step) ticks.push(at);
  return html`${bars.length === 0 ? gridLine(failures.bottom, '0', right) : ticks.map((at) => gridLine(failures.bottom - height(at), String(at), right))}${caption(
    bars.length === 0 ? 'failed requests: none' : `${captions(total).failures} ${formatMs(forMs)}`,
    failures,
  )}${causes.map((cause) => group(cause, CAUSE_HATCH[cause], ({ byError }) => byError[cause] ?? 0))}${
    retryable && group('retryable', CAUSE_HATCH.retryable, (column) => column.retryable)
  }`;
}

function latencyLines(timeline: Timeline, { columns, latency, x, right, width }: Frame): Html {
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

function versionShares(timeline: Timeline, { columns, versions: panel, x }: Frame): Html | null {
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

/** 1, 2 or 5 times a power of ten. */
function niceStep(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(value, 0.1)));
  return ([1, 2, 5, 10].find((step) => step * decade >= value) ?? 10) * decade;
}

function num(value: number): string {
  return String(Math.round(value * 100) / 100);
}
