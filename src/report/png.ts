import { timelineChart } from './chart.js';
import type { Output } from './output.js';
import { timelineOf } from './timeline.js';

/** The timeline as an image, for places that show neither HTML nor SVG. */
export const png: Output = {
  name: 'png',
  file: 'timeline.png',
  render: (run, judgement, { rasterize }) =>
    rasterize === undefined
      ? null
      : rasterize(timelineChart(timelineOf(run, judgement), { title: true }), { width: 2400, height: 1280 }),
};
