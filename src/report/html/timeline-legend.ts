import { CAUSE_HATCH, type ColourName, type Hatch, PART_HATCH, versionColour, versionHatch } from '../palette.js';
import type { Timeline } from '../timeline.js';
import { type Html, html } from './html.js';
import { fill, stroke } from './svg-parts.js';

/** One mark of the timeline and what it stands for. `dash` makes it a line. */
export interface LegendEntry {
  text: string;
  colour: ColourName;
  hatch: Hatch;
  dash?: string;
  /** The series of the chart that it stands for, where there is one that can be hidden. */
  series?: string;
}

export function legendOf(timeline: Timeline): LegendEntry[] {
  const parts = (['command', 'readiness', 'hold'] as const).filter((part) =>
    timeline.bands.some((band) => band.parts.some((entry) => entry.part === part)),
  );
  const cause = (name: 'retryable' | Timeline['causes'][number]): LegendEntry => ({
    text: name,
    colour: name,
    hatch: CAUSE_HATCH[name],
    series: name,
  });
  const line = (name: 'p50' | 'p99', dash: string): LegendEntry => ({
    text: name,
    colour: name,
    hatch: 'solid',
    dash,
    series: name,
  });
  const range = 'fastest to slowest';
  return [
    ...parts.map((part) => ({ text: part, colour: part, hatch: PART_HATCH[part] })),
    ...timeline.causes.map(cause),
    ...(timeline.retryable ? [cause('retryable')] : []),
    ...(timeline.locks.length > 0 ? [{ text: 'waits for locks', colour: 'lock', hatch: 'solid' } as const] : []),
    line('p50', '4 2'),
    line('p99', ''),
    { text: range, colour: 'range', hatch: 'solid', series: range },
    ...timeline.versions.map((version, index) => ({
      text: version,
      colour: versionColour(index),
      hatch: versionHatch(index),
      series: `version ${version}`,
    })),
  ];
}

/** Width of the mark, units; its height is 10. */
export function legendMarkWidth({ dash }: LegendEntry): number {
  return dash === undefined ? 16 : 18;
}

export function legendMark({ colour, hatch, dash }: LegendEntry): Html {
  return dash === undefined
    ? html`<rect width="16" height="10" rx="1.5" ${fill(colour, hatch)}/>`
    : html`<path d="M0 5H18" ${stroke(colour)} stroke-width="2"${dash !== '' && html` stroke-dasharray="${dash}"`}/>`;
}
