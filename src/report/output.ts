import type { Comparison } from '../model/comparison.js';
import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import type { TimelineChart } from './chart.js';

/** What the outputs need beside the record: texts and a drawing function that this layer cannot reach for itself. */
export interface ReportAssets {
  /** The browser bundles to inline; without them the HTML keeps its static charts. */
  chartJs?: string | undefined;
  annotationPlugin?: string | undefined;
  /** Draws a chart as PNG; without it there is no `timeline.png`. Sizes are pixels of the image. */
  rasterize?:
    | ((chart: TimelineChart, size: { width: number; height: number }) => Uint8Array | Promise<Uint8Array>)
    | undefined;
  /** `inline`: one file. `dir`: a stylesheet beside it, no script, for servers that forbid inline content. */
  style?: 'inline' | 'dir' | undefined;
  /** Of a run that goes on: no verdict yet, and a script that follows the run. */
  underWay?: boolean | undefined;
  /** Files of the run directory by the name of the output that writes them, for `run.json`. */
  artifacts?: Record<string, string> | undefined;
  /** Against earlier runs, where that was asked for. */
  comparison?: Comparison | undefined;
}

/** One file of the run directory. `render` gives null where the assets at hand do not ask for it or allow it. */
export interface Output {
  name: string;
  file: string;
  render(
    run: Run,
    judgement: Judgement,
    assets: ReportAssets,
  ): string | Uint8Array | null | Promise<string | Uint8Array | null>;
}
