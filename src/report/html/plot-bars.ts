import type { Columns } from '../../model/over-time.js';
import { formatCount, formatMs } from '../../model/units.js';
import { totalOf } from '../columns.js';
import type { ColourName } from '../palette.js';
import type { Timeline } from '../timeline.js';
import { type Html, html, raw } from './html.js';
import { fill } from './svg-parts.js';
import { inColumns, type PlotText } from './time-plot.js';

/** Heights of bars that are told apart: few, so that neighbours are often alike and become one. */
const STEPS = 16;
const CAPTION = 14;
const BARS = 18;
const GAP = 6;
/** Of one row of bars with its name. */
export const LANE = CAPTION + BARS + GAP;

export interface BarLane {
  name: string;
  colour: ColourName;
  counts: readonly number[];
}

/** A row of bars under its name, each row by a scale of its own; any count above 0 is seen. */
export function barLane(
  { name, colour, counts }: BarLane,
  top: number,
  columns: Columns,
  timeline: Timeline,
): { marks: Html; text: PlotText } {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const text = `${name}: ${formatCount(totalOf(counts))}, at most ${formatCount(most)} in ${formatMs(columns.columnMs)}`;
  return {
    marks: html`<g ${inColumns(columns, timeline, top + CAPTION, BARS / STEPS)}><path d="${raw(barsPath(counts, most))}" ${fill(colour)}><title>${text}</title></path></g>`,
    text: { y: top + CAPTION - 4, text, at: 'plot' },
  };
}

/** Bars that stand on `STEPS`, a column wide; neighbours of one height are one shape. */
export function barsPath(counts: readonly number[], most: number): string {
  const height = (count: number | undefined) =>
    count === undefined || count <= 0 ? 0 : Math.max(2, Math.round((count / most) * STEPS));
  let path = '';
  for (let column = 0; column < counts.length; ) {
    const own = height(counts[column]);
    let end = column + 1;
    while (end < counts.length && height(counts[end]) === own) end++;
    if (own > 0) path += `M${column} ${STEPS}V${STEPS - own}h${end - column}V${STEPS}z`;
    column = end;
  }
  return path;
}
