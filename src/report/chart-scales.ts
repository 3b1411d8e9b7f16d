import { formatMs } from '../model/units.js';
import { type ColourName, colour, type Hatch } from './palette.js';
import type { Column, Timeline } from './timeline.js';

/** Height of each panel, relative to the others. Chart.js stacks the axis defined last on top. */
export const PANELS = { versions: 0.5, locks: 0.24, latency: 2.2, failures: 1.6, phases: 0.95 } as const;
export type Panel = keyof typeof PANELS;

/** Waits for locks have a panel only where there are some. */
export function panelsOf({ locks }: Pick<Timeline, 'locks'>): Panel[] {
  return (Object.keys(PANELS) as Panel[]).filter((panel) => panel !== 'locks' || locks.length > 0);
}

export const LABEL_ROWS = 4;
export const FONT = '"DejaVu Sans", system-ui, sans-serif';

/** A fill that is a pattern where the hatch is not `solid`. */
export function hatchFill(hatch: Hatch, name: ColourName): string {
  return hatch === 'solid' ? colour(name) : `hatch:${hatch}:${colour(name)}`;
}

/** `100 ms`: Chart.js would write 100.0 where one label of the axis has a fraction. */
const SHORT = { unitDisplay: 'short', minimumFractionDigits: 0, maximumFractionDigits: 3 };

/** The unit of the time axis. */
export const seconds = (ms: number) => Math.round(ms) / 1000;
/** One axis of time and a stack of panels. */
export function scalesOf(timeline: Timeline, columns: readonly Column[]) {
  const axis = { color: colour('dim'), font: { family: FONT, size: 10 } };
  const panel = (id: Panel) => ({
    position: 'left',
    stack: 'panels',
    stackWeight: PANELS[id],
    border: { display: false },
    grid: { color: colour('grid'), tickLength: 4, z: 1 },
  });
  const heading = (text: string) => ({ display: true, text, ...axis, padding: { bottom: 2 } });
  return {
    x: {
      type: 'linear',
      offset: false,
      stacked: true,
      min: 0,
      max: seconds(timeline.durationMs),
      grid: { display: false },
      border: { color: colour('strong') },
      ticks: { ...axis, maxRotation: 0, format: { style: 'unit', unit: 'second', unitDisplay: 'narrow' } },
    },
    versions: {
      ...panel('versions'),
      min: 0,
      max: 1,
      ticks: { display: false },
      grid: { display: false },
      title: heading('version'),
    },
    ...(timeline.locks.length === 0
      ? {}
      : { locks: { ...panel('locks'), min: 0, max: 1, ticks: { display: false }, grid: { display: false } } }),
    latency: {
      ...panel('latency'),
      type: 'logarithmic',
      ...latencyRange(columns),
      ticks: { ...axis, maxTicksLimit: 6, format: { style: 'unit', unit: 'millisecond', ...SHORT } },
      title: heading('latency'),
    },
    failures: {
      ...panel('failures'),
      stacked: true,
      beginAtZero: true,
      suggestedMax: 4,
      ticks: { ...axis, maxTicksLimit: 4, precision: 0 },
      title: heading(`failed / ${formatMs(columns[0]?.forMs ?? 100)}`),
    },
    phases: {
      ...panel('phases'),
      min: 0,
      max: LABEL_ROWS + 1.2,
      display: true,
      ticks: { display: false },
      grid: { display: false },
    },
  };
}

/** A range around what was measured, so that a timeout and a normal answer are both read off. */
export function latencyRange(columns: readonly Pick<Column, 'minMs' | 'maxMs'>[]): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const { minMs, maxMs } of columns) {
    if (minMs !== null && minMs > 0) min = Math.min(min, minMs);
    if (maxMs !== null) max = Math.max(max, maxMs);
  }
  if (max === 0) return { min: 1, max: 1000 };
  return { min: Math.max(0.1, niceBelow(min)), max: niceAbove(Math.max(max * 1.05, 10)) };
}

const STEPS = [1, 2, 5, 10];

function niceBelow(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return Number(((STEPS.filter((step) => step * decade <= value * 1.0001).at(-1) ?? 1) * decade).toPrecision(1));
}

/** Between the labelled values, so that no label meets the one of the panel above. */
function niceAbove(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  const step = [1.4, 2.4, 4, 7, 14].find((top) => top * decade >= value) ?? 14;
  return Number((step * decade).toPrecision(2));
}
