import type { Columns } from '../../model/over-time.js';
import { type PlacedLabel, placeLabels } from '../labels.js';
import type { Timeline } from '../timeline.js';
import { type Html, html, raw } from './html.js';
import { CHAR, fill, LEFT, niceStep, num, RIGHT, ROW, stroke } from './svg-parts.js';

/**
 * Drawings on the timeline's axis: the same margins, the same bands. The marks are made once, in coordinates of their own,
 * and shown in both widths. As in every `svg[data-axis]`, what is in `g.plot` may be stretched along the axis, and the ticks
 * be written anew; the rest stays. No class here needs a rule of the style sheet.
 */
export interface TimePlot {
  /** Part of the id of the marks: unique in the page. */
  id: string;
  /** What is drawn, read aloud. */
  label: string;
  /** Pixels, without the names of the bands above and the axis below. */
  height: number;
  /** x from 0 to `RUN_WIDTH`, y in pixels. */
  marks: Html;
  /** Values of the y axis beside the plot, and names above what they name. */
  texts: PlotText[];
}

export interface PlotText {
  y: number;
  text: string;
  at: 'axis' | 'plot';
}

/** Width of a whole run in the coordinates of a plot. */
const RUN_WIDTH = 1000;
const AXIS = 24;
/** Rows for the names of the bands; those that find no place in them are told by the timeline. */
const NAME_ROWS = 2;
const WIDTHS = [
  { width: 1160, className: 'wide' },
  { width: 400, className: 'narrow' },
] as const;

export function timeFigure(timeline: Timeline, plot: TimePlot, legend: Html | null = null): Html {
  const { id, height, marks } = plot;
  return html`<svg class="defs" width="0" height="0" aria-hidden="true"><defs><clipPath id="clip-${id}"><rect width="${RUN_WIDTH}" height="${height}"/></clipPath><g id="plot-${id}" clip-path="url(#clip-${id})">${bands(timeline, height)}${marks}</g></defs></svg><figure>${WIDTHS.map(
    (size) => plotSvg(timeline, plot, size),
  )}${legend}</figure>`;
}

/** The place of columns in a plot: inside of it a column is 1 wide, and so is everything 1 `unit` pixels high. */
export function inColumns({ fromMs, columnMs }: Columns, { durationMs }: Timeline, top: number, unit: number): Html {
  const x = (ms: number) => Number(((ms * RUN_WIDTH) / durationMs).toPrecision(7));
  return raw(`transform="translate(${x(fromMs)} ${num(top)}) scale(${x(columnMs)} ${num(unit)})"`);
}

/** A line across the plot. */
export function plotLine(y: number): Html {
  return html`<path d="M0 ${num(y)}H${RUN_WIDTH}" ${stroke('line')} stroke-width="1"/>`;
}

function plotSvg(timeline: Timeline, plot: TimePlot, { width, className }: (typeof WIDTHS)[number]): Html {
  const { id, label, texts } = plot;
  const plotWidth = width - LEFT - RIGHT;
  const pixelsPerMs = plotWidth / timeline.durationMs;
  const names = placeLabels(timeline.bands, { pixelsPerMs, width: plotWidth, charWidth: CHAR, maxRows: NAME_ROWS });
  const top = 4 + ROW * names.reduce((rows, { row }) => Math.max(rows, row + 1), 0);
  const bottom = top + plot.height;
  const height = bottom + AXIS;
  return html`<svg class="${className}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}" font-size="11" data-axis="${timeline.durationMs}">${names.map((name) => bandName(name, top))}<g class="plot"><use href="#plot-${id}" transform="translate(${LEFT} ${top}) scale(${plotWidth / RUN_WIDTH} 1)"/></g>${texts.map(
    ({ y, text, at }) =>
      at === 'axis'
        ? html`<text x="${LEFT - 6}" y="${num(top + y + 4)}" text-anchor="end" ${fill('dim')}>${text}</text>`
        : html`<text x="${LEFT + 3}" y="${num(top + y)}" ${fill('dim')}>${short(text, Math.floor(plotWidth / CHAR))}</text>`,
  )}<path d="M${LEFT} ${bottom}H${width - RIGHT}" ${stroke('strong')} stroke-width="1" data-still="axis"/><g class="ticks">${ticks(timeline, width, bottom)}</g></svg>`;
}

/**
 * A name above its band, with a line down to where the band begins (or ends, for a name that is set before its end). It
 * keeps its distance where the axis is stretched, but for a name at the margin: what is there stays.
 */
function bandName({ text, x, row, anchor }: PlacedLabel, top: number): Html {
  const y = top - 5 - row * ROW;
  const at = LEFT + x;
  const distance = anchor === 'start' ? 5 : -5;
  const place = x < 5 ? html`x="${num(at + distance)}"` : html`x="${num(at)}" dx="${distance}"`;
  return html`<path d="M${num(at)} ${y - 9}V${top}" ${stroke('strong')} stroke-width="1"/><text ${place} y="${y}" text-anchor="${anchor}" font-weight="600" ${fill('text')}>${text}</text>`;
}

function short(text: string, chars: number): string {
  return text.length > chars ? `${text.slice(0, chars - 1)}…` : text;
}

function bands({ bands: all, durationMs }: Timeline, height: number): Html {
  const x = (ms: number) => num((ms * RUN_WIDTH) / durationMs);
  return html`${all.map(
    ({ index, label, from, to }) =>
      html`<path d="M${x(from)} 0V${height}H${x(to)}V0z" ${fill(index % 2 === 0 ? 'bandA' : 'bandB')}><title>${label}</title></path>`,
  )}<path d="${raw(all.map(({ from }) => `M${x(from)} 0V${height}`).join(''))}" ${stroke('strong')} stroke-width="1" stroke-opacity=".7" vector-effect="non-scaling-stroke"/>`;
}

function ticks({ durationMs }: Timeline, width: number, bottom: number): Html[] {
  const step = niceStep(durationMs / 1000 / (width < 600 ? 4 : 10));
  const all: Html[] = [];
  for (let at = 0; at <= durationMs / 1000 + 0.001; at += step) {
    const x = LEFT + ((width - LEFT - RIGHT) * at * 1000) / durationMs;
    const anchor = at === 0 ? 'start' : x > width - RIGHT - 4 ? 'end' : 'middle';
    all.push(
      html`<text x="${num(x)}" y="${bottom + 16}" text-anchor="${anchor}" ${fill('dim')}>${Number(at.toFixed(1))} s</text>`,
    );
  }
  return all;
}
