import { formatMs } from '../../model/units.js';
import { placeLabels } from '../labels.js';
import { CAUSE_HATCH, type ColourName, type Hatch, PART_HATCH, versionColour, versionHatch } from '../palette.js';
import { offset } from '../text.js';
import { type Band, type Timeline, widen } from '../timeline.js';
import { type Html, html, raw } from './html.js';
import { failureBars, latencyLines, lockBars, versionShares } from './svg-panels.js';
import { BOLD, CHAR, captions, type Frame, fill, LEFT, niceStep, num, RIGHT, ROW, stroke } from './svg-parts.js';

export interface SvgOptions {
  width: number;
  /** Class of the element, by which the style sheet shows the one that fits. */
  className: string;
}

/**
 * The timeline as inline SVG: it needs no script, and colours come from the style sheet (dark mode) with presentation
 * attributes where that is missing. Titles carry what a pointer asks for.
 */
export function timelineSvg(timeline: Timeline, { width, className }: SvgOptions): Html {
  const { body, height } = drawTimeline(timeline, width);
  return html`<svg class="${className}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${timelineLabel(timeline)}" font-size="11">${body}</svg>`;
}

/** What is inside of the drawing, and how high it is. */
export function drawTimeline(timeline: Timeline, width: number): { body: Html; height: number } {
  const frame = frameOf(timeline, width);
  const parts = [
    bands(timeline, frame),
    axis(timeline, frame),
    outageMarks(timeline, frame),
    failureBars(timeline, frame),
    lockBars(timeline, frame),
    latencyLines(timeline, frame),
    versionShares(timeline, frame),
  ];
  return { body: html`${parts}`, height: frame.height };
}

export function timelineLabel({ durationMs, bands }: Timeline): string {
  return `Timeline of the run, ${formatMs(durationMs)}: ${bands.map(({ label }) => label).join(', ')}`;
}

/** The patterns every chart and legend of the page refers to. */
export function patternDefs(timeline: Timeline): Html {
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs>${patterns(timeline)}</defs></svg>`;
}

export function patterns(timeline: Timeline): Html {
  const used = new Map<string, [Hatch, ColourName]>();
  const use = (hatch: Hatch, name: ColourName) => hatch !== 'solid' && used.set(`${hatch}-${name}`, [hatch, name]);
  for (const cause of timeline.causes) use(CAUSE_HATCH[cause], cause);
  if (timeline.retryable) use(CAUSE_HATCH.retryable, 'retryable');
  for (const [part, hatch] of Object.entries(PART_HATCH)) use(hatch, part as ColourName);
  timeline.versions.forEach((_, i) => void use(versionHatch(i), versionColour(i)));
  return html`${[...used].map(
    ([id, [hatch, name]]) =>
      html`<pattern id="h-${id}" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" ${fill(name)} opacity=".4"/><path d="${raw(STROKES[hatch])}" ${stroke(name)} stroke-width="2" fill="none"/></pattern>`,
  )}`;
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
  const locks = timeline.locks.length === 0 ? null : { top: latency.bottom + 22, bottom: latency.bottom + 34 };
  const above = (locks ?? latency).bottom;
  const versions = timeline.versions.length === 0 ? null : { top: above + 26, bottom: above + (small ? 48 : 52) };
  const bottom = versions?.bottom ?? above;
  return {
    width,
    right: width - RIGHT,
    labels,
    stripTop,
    failures,
    latency,
    locks,
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

/** Outages over the failures, stalls over the latency. Where names would meet, the longest one's is written. */
function outageMarks({ outages, stalls }: Timeline, { x, failures, latency, right, width }: Frame): Html {
  const caption = captions(width);
  const marks = [
    ...outages.map((outage) => ({
      ...outage,
      name: 'outage',
      tint: 'outage' as const,
      line: 'bad' as const,
      top: failures.top,
      free: LEFT + 12 + CHAR * (caption.failures.length + 7),
    })),
    ...stalls.map((stall) => ({
      ...stall,
      name: 'stall',
      tint: 'stall' as const,
      line: 'unsure' as const,
      top: latency.top,
      free: LEFT + 12 + CHAR * caption.latency.length,
    })),
  ].sort((a, b) => b.durationMs - a.durationMs);
  const written: { top: number; from: number; to: number }[] = [];
  return html`${marks.map(({ startAt, endAt, durationMs, name, tint, line, top, free }) => {
    const [left, end] = [x(startAt), x(endAt)];
    const text = `${name} ${formatMs(durationMs)}`;
    const size = text.length * BOLD;
    const from = Math.min(left, right - size);
    const to = from + size + 8;
    const shown = from > free && !written.some((other) => other.top === top && other.from < to && from < other.to);
    if (shown) written.push({ top, from, to });
    const { bottom } = latency;
    return html`<g><title>${text} from ${offset(startAt)}</title><rect x="${num(left)}" y="${top}" width="${num(Math.max(1, end - left))}" height="${bottom - top}" ${fill(tint)} fill-opacity=".16"/><path d="M${num(left)} ${bottom}V${top}H${num(Math.max(left + 1, end))}V${bottom}" ${stroke(line)} stroke-width="1" fill="none" ${raw(name === 'stall' ? 'stroke-dasharray="3 3"' : '')}/>${
      shown && html`<text x="${num(from)}" y="${top - 7}" font-weight="600" ${fill(line)}>${text}</text>`
    }</g>`;
  })}`;
}
