import { type Detectability, outageSeen, type Visibility } from '../../model/detectability.js';
import { formatMs } from '../../model/units.js';
import { chanceText } from '../detectability-values.js';
import { type ColourName, versionColour } from '../palette.js';
import { type Html, html, raw } from './html.js';
import type { SvgOptions } from './svg.js';
import { fill, gridLine, LEFT, num, RIGHT, stroke } from './svg-parts.js';

const TOP = 14;
const BOTTOM = 214;
const HEIGHT = 250;
const FROM_MS = 1;
const POINTS = 80;
const FLOWS_SHOWN = 6;
const SEEN = 0.95;

/** One line of the drawing; `dash` tells it from the others without its colour. */
export interface Curve {
  row: Visibility;
  name: string;
  colour: ColourName;
  dash: string;
}

const DASHES = ['7 4', '2 3', '10 3 2 3', '4 2', '12 4', '1 5'];

/** All traffic, and the flows of which least would have been seen. Empty where nothing was sent. */
export function curvesShown({ rows }: Detectability): Curve[] {
  const sent = rows.filter(({ phase, requests }) => phase === 'run' && requests > 0);
  const flows = sent.filter(({ flow }) => flow !== null).toSorted((a, b) => b.gapMs - a.gapMs);
  const whole = sent.filter(({ flow }) => flow === null);
  return [
    ...whole.map((row): Curve => ({ row, name: 'all traffic', colour: 'accent', dash: '' })),
    ...flows
      .slice(0, FLOWS_SHOWN)
      .map((row, i): Curve => ({ row, name: row.flow ?? '', colour: versionColour(i), dash: DASHES[i] ?? '' })),
  ];
}

/** Probability over the length of an outage (log), as inline SVG without script; the tables below say the same in numbers. */
export function detectabilitySvg(
  arrival: Detectability['arrival'],
  curves: readonly Curve[],
  { width, className }: SvgOptions,
): Html {
  const right = width - RIGHT;
  const toMs = endOf(curves);
  const x = (ms: number) => LEFT + ((right - LEFT) * Math.log(ms / FROM_MS)) / Math.log(toMs / FROM_MS);
  const y = (probability: number) => BOTTOM - (BOTTOM - TOP) * probability;
  const lines = curves.map(({ row, name, colour, dash }) => {
    const points = lengthsOf(row, toMs).map((ms) => `${num(x(ms))} ${num(y(outageSeen(arrival, row, ms)))}`);
    const title = `${name}: ${row.outage95Ms === null ? 'no outage is seen with 95 %' : `an outage of ${formatMs(row.outage95Ms)} is seen with 95 %`}`;
    return html`<path d="M${raw(points.join('L'))}" fill="none" ${stroke(colour)} stroke-width="2"${dash !== '' && html` stroke-dasharray="${dash}"`}><title>${title}</title></path>`;
  });
  return html`<svg class="${className}" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${labelOf(arrival, curves)}" font-size="11">${[0, 0.25, 0.5, 0.75, 1].map((p) => gridLine(y(p), `${p * 100} %`, right))}<path d="M${LEFT} ${num(y(SEEN))}H${right}" ${stroke('strong')} stroke-width="1" stroke-dasharray="3 3"/>${ticks(toMs).map((ms) => tick(x(ms), formatLength(ms)))}<text x="${right}" y="${HEIGHT - 3}" text-anchor="end" ${fill('dim')}>length of the outage (log)</text>${lines}</svg>`;
}

/** Which line is which. */
export function curveLegend(curves: readonly Curve[]): Html {
  return html`<ul class="legend">${curves.map(
    ({ name, colour, dash }) =>
      html`<li><svg width="26" height="10" aria-hidden="true"><path d="M0 5H26" fill="none" ${stroke(colour)} stroke-width="2"${dash !== '' && html` stroke-dasharray="${dash}"`}/></svg>${name}</li>`,
  )}<li><svg width="26" height="10" aria-hidden="true"><path d="M0 5H26" fill="none" ${stroke('strong')} stroke-width="1" stroke-dasharray="3 3"/></svg>95 %</li></ul>`;
}

function labelOf(arrival: Detectability['arrival'], curves: readonly Curve[]): string {
  const [first] = curves;
  const values = [10, 100, 1000].map((ms) =>
    first === undefined ? '' : `${formatMs(ms)} with ${chanceText(outageSeen(arrival, first.row, ms))}`,
  );
  return `Probability that an outage is seen, by its length; of ${first?.name ?? ''}: ${values.join(', ')}. The same in the table below`;
}

/** Where the last curve has reached certainty, with some room, at least a second. */
function endOf(curves: readonly Curve[]): number {
  const last = Math.max(...curves.map(({ row }) => row.gapMs));
  return Math.max(1000, last * 1.5);
}

/** Evenly spaced on the axis, and the corners of the curve: where a part is sure to be seen. */
function lengthsOf({ parts }: Visibility, toMs: number): number[] {
  const even = Array.from({ length: POINTS + 1 }, (_, i) => FROM_MS * (toMs / FROM_MS) ** (i / POINTS));
  const corners = parts.flatMap(({ gapMs }) => (gapMs !== null && gapMs > FROM_MS && gapMs < toMs ? [gapMs] : []));
  return [...new Set([...even, ...corners])].sort((a, b) => a - b);
}

function ticks(toMs: number): number[] {
  return Array.from({ length: 8 }, (_, power) => FROM_MS * 10 ** power).filter((ms) => ms <= toMs);
}

function tick(x: number, text: string): Html {
  return html`<path d="M${num(x)} ${BOTTOM}V${BOTTOM + 4}" ${stroke('strong')} stroke-width="1"/><text x="${num(x)}" y="${BOTTOM + 16}" text-anchor="middle" ${fill('dim')}>${text}</text>`;
}

function formatLength(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
