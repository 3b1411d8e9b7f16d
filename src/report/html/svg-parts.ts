import type { PlacedLabel } from '../labels.js';
import { type ColourName, colour, type Hatch } from '../palette.js';
import type { Column } from '../timeline.js';
import { type Html, html, raw } from './html.js';

export const LEFT = 50;
export const RIGHT = 14;
export const ROW = 16;
export const CHAR = 6.5;
export const BOLD = 7.3;

/** Geometry of one drawing: panels from top to bottom, and the two directions of the time axis. */
export interface Frame {
  width: number;
  right: number;
  labels: PlacedLabel[];
  stripTop: number;
  failures: Panel;
  latency: Panel;
  locks: Panel | null;
  versions: Panel | null;
  bottom: number;
  height: number;
  x(ms: number): number;
  columns: Column[];
}
export interface Panel {
  top: number;
  bottom: number;
}

/** Fill attribute and class of a colour, hatched or not. */
export function fill(name: ColourName, hatch: Hatch = 'solid'): Html {
  return hatch === 'solid' ? raw(`fill="${solid(name)}" class="f-${name}"`) : raw(`fill="url(#h-${hatch}-${name})"`);
}

export function stroke(name: ColourName): Html {
  return raw(`stroke="${solid(name)}" class="s-${name}"`);
}

/** SVG 1.1 viewers do not know eight digits. */
function solid(name: ColourName): string {
  return colour(name).slice(0, 7);
}

export function caption(text: string, { top }: Panel): Html {
  return html`<text x="${LEFT + 3}" y="${top - 7}" ${fill('dim')}>${text}</text>`;
}

/** A narrow drawing has no room for whole sentences. */
export function captions(width: number): { failures: string; latency: string } {
  return width < 600
    ? { failures: 'failed in', latency: 'latency' }
    : { failures: 'failed requests in', latency: 'latency from the intended send time (log)' };
}

export function gridLine(y: number, text: string, right: number): Html {
  return html`<path d="M${LEFT} ${num(y)}H${right}" ${stroke('line')} stroke-width="1"/><text x="${LEFT - 6}" y="${num(y + 4)}" text-anchor="end" ${fill('dim')}>${text}</text>`;
}

/** 1, 2 or 5 times a power of ten. */
export function niceStep(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(Math.max(value, 0.1)));
  return ([1, 2, 5, 10].find((step) => step * decade >= value) ?? 10) * decade;
}

export function num(value: number): string {
  return String(Math.round(value * 100) / 100);
}
