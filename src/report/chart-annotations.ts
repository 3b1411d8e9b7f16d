import { FONT, hatchFill, LABEL_ROWS, type Panel, panelsOf, seconds } from './chart-scales.js';
import { placeLabels } from './labels.js';
import { colour, PART_HATCH } from './palette.js';
import type { Band, Timeline } from './timeline.js';

/** Its own types do not resolve under `moduleResolution: nodenext`. */
type AnnotationOptions = Record<string, unknown>;
export type Annotations = Record<string, AnnotationOptions>;

/** One set for each y scale: a box belongs to a single one. */
export function annotationsOf(timeline: Timeline, plotWidth: number): Annotations {
  const annotations: Annotations = {};
  for (const panel of panelsOf(timeline)) {
    for (const band of timeline.bands) annotations[`band-${panel}-${band.index}`] = bandBox(band, panel);
  }
  for (const band of timeline.bands) annotations[`edge-${band.index}`] = bandEdge(band);
  timeline.outages.forEach((outage, i) => {
    for (const panel of ['failures', 'latency'] as const) {
      annotations[`outage-${panel}-${i}`] = box(panel, outage.startAt, outage.endAt, {
        backgroundColor: colour('outage'),
        borderColor: colour('bad'),
        borderWidth: 1,
      });
    }
  });
  timeline.locks.forEach(({ from, to }, i) => {
    annotations[`lock-latency-${i}`] = box('latency', from, to, {
      backgroundColor: colour('lockWash'),
      borderWidth: 0,
    });
    annotations[`lock-${i}`] = box('locks', from, to, {
      yMin: 0.1,
      yMax: 0.8,
      backgroundColor: colour('lock'),
      borderWidth: 0,
    });
  });
  timeline.stalls.forEach((stall, i) => {
    annotations[`stall-latency-${i}`] = box('latency', stall.startAt, stall.endAt, {
      backgroundColor: colour('stall'),
      borderColor: colour('unsure'),
      borderWidth: 1,
      borderDash: [3, 3],
    });
  });
  if (timeline.latencyLimitMs !== null) {
    annotations.limit = {
      type: 'line',
      yScaleID: 'latency',
      yMin: timeline.latencyLimitMs,
      yMax: timeline.latencyLimitMs,
      borderColor: colour('bad'),
      borderWidth: 1,
      borderDash: [6, 4],
    };
  }
  return { ...annotations, ...partBoxes(timeline), ...locksLabel(timeline), ...labelsOf(timeline, plotWidth) };
}

function bandBox(band: Band, panel: Panel): AnnotationOptions {
  return box(panel, band.from, band.to, {
    backgroundColor: colour(band.index % 2 === 0 ? 'bandA' : 'bandB'),
    borderWidth: 0,
  });
}

/** Where a band begins, through all panels. */
function bandEdge(band: Band): AnnotationOptions {
  return {
    type: 'line',
    scaleID: 'x',
    value: seconds(band.from),
    borderColor: colour('strong'),
    borderWidth: 1,
    drawTime: 'beforeDatasetsDraw',
  };
}

function box(panel: Panel, from: number, to: number, style: object): AnnotationOptions {
  return {
    type: 'box',
    xScaleID: 'x',
    yScaleID: panel,
    xMin: seconds(from),
    xMax: seconds(to),
    drawTime: 'beforeDatasetsDraw',
    ...style,
  };
}

function partBoxes({ bands }: Timeline): Annotations {
  const boxes: Annotations = {};
  for (const band of bands) {
    for (const { part, from, to } of band.parts) {
      boxes[`part-${band.index}-${part}`] = box('phases', from, to, {
        yMin: 0.15,
        yMax: 0.85,
        backgroundColor: hatchFill(PART_HATCH[part], part),
        borderWidth: 0,
      });
    }
  }
  return boxes;
}

/** Beside so low a panel there is no room for a heading. */
function locksLabel({ locks }: Timeline): Annotations {
  if (locks.length === 0) return {};
  return {
    locks: {
      type: 'label',
      xScaleID: 'x',
      yScaleID: 'locks',
      xValue: 0,
      yValue: 0.5,
      content: 'waits for locks',
      position: { x: 'start', y: 'center' },
      padding: { x: 4, y: 0 },
      color: colour('dim'),
      font: { family: FONT, size: 10 },
      drawTime: 'afterDatasetsDraw',
    },
  };
}

function labelsOf({ bands, durationMs }: Timeline, plotWidth: number): Annotations {
  const pixelsPerMs = plotWidth / durationMs;
  const placed = placeLabels(bands, { pixelsPerMs, width: plotWidth, charWidth: 6.6, maxRows: LABEL_ROWS });
  return Object.fromEntries(
    placed.map(({ text, x, row, anchor }, i): [string, AnnotationOptions] => [
      `label-${i}`,
      {
        type: 'label',
        xScaleID: 'x',
        yScaleID: 'phases',
        xValue: seconds(x / pixelsPerMs),
        yValue: row + 1.5,
        content: text,
        position: { x: anchor, y: 'center' },
        padding: { x: 4, y: 0 },
        color: colour('text'),
        font: { family: FONT, size: 11, weight: 'bold' },
        drawTime: 'beforeDatasetsDraw',
      },
    ]),
  );
}
