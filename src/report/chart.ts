import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { formatMs } from '../model/units.js';
import { placeLabels } from './labels.js';
import {
  CAUSE_HATCH,
  type ColourName,
  colour,
  type Hatch,
  PART_HATCH,
  versionColour,
  versionHatch,
} from './palette.js';
import { type Band, type Column, type Timeline, widen } from './timeline.js';

export interface XY {
  x: number;
  y: number | null;
}
export type TimelineChart = ChartConfiguration<'line' | 'bar', XY[]>;
type Dataset = ChartDataset<'line' | 'bar', XY[]>;

export interface TimelineChartOptions {
  /** Verdict and legend as part of the picture: for an image that stands alone. */
  title?: boolean;
  /** Logical pixels of the picture; the PNG is drawn at twice as many. */
  width?: number;
}

/** Height of each panel, relative to the others. Chart.js stacks the axis defined last on top. */
const PANELS = { versions: 0.5, latency: 2.2, failures: 1.6, phases: 0.8 } as const;
type Panel = keyof typeof PANELS;

const LABEL_ROWS = 3;
const FONT = '"DejaVu Sans", system-ui, sans-serif';

/**
 * The timeline as a Chart.js configuration: four panels over one time axis (seconds), the phases of the release as
 * bands behind all of them. Fills of the form `hatch:rise:#d3304b` become patterns where the chart is drawn.
 */
export function timelineChart(
  timeline: Timeline,
  { title = false, width = 1200 }: TimelineChartOptions = {},
): TimelineChart {
  const plotWidth = width - 90;
  const columns = title ? widen(timeline, plotWidth) : timeline.columns;
  return {
    type: 'line',
    data: {
      datasets: [...failureSets(timeline, columns, plotWidth), ...latencySets(columns), ...versionSets(timeline)],
    },
    options: {
      animation: false,
      responsive: !title,
      maintainAspectRatio: false,
      normalized: true,
      locale: 'en-US',
      events: [],
      font: { family: FONT, size: 11 },
      color: colour('text'),
      layout: { padding: title ? { left: 18, right: 26, top: 16, bottom: 14 } : { right: 12, top: 2 } },
      scales: scalesOf(timeline, columns),
      plugins: {
        tooltip: { enabled: false },
        title: title ? titleOf(timeline) : { display: false },
        subtitle: title ? subtitleOf(timeline) : { display: false },
        legend: title ? legend() : { display: false },
        annotation: { animations: false, annotations: annotationsOf(timeline, plotWidth) },
      },
    },
  } as TimelineChart;
}

export function hatchFill(hatch: Hatch, name: ColourName): string {
  return hatch === 'solid' ? colour(name) : `hatch:${hatch}:${colour(name)}`;
}

const seconds = (ms: number) => Math.round(ms) / 1000;
const digits = (ms: number | null) => (ms === null ? null : Number(ms.toPrecision(3)));

function failureSets(timeline: Timeline, columns: readonly Column[], plotWidth: number): Dataset[] {
  const forMs = columns[0]?.forMs ?? 100;
  const barThickness = Math.max(2, Math.ceil((plotWidth * forMs) / timeline.durationMs));
  const bars = (label: string, name: ColourName, hatch: Hatch, count: (column: Column) => number): Dataset => ({
    type: 'bar',
    label,
    yAxisID: 'failures',
    stack: 'failures',
    backgroundColor: hatchFill(hatch, name),
    pointStyle: 'rect',
    barThickness,
    data: columns
      .filter((column) => count(column) > 0)
      .map((column) => ({ x: seconds(column.at + forMs / 2), y: count(column) })),
  });
  return [
    ...timeline.causes.map((cause) => bars(cause, cause, CAUSE_HATCH[cause], ({ byError }) => byError[cause] ?? 0)),
    ...(timeline.retryable
      ? [bars('retryable', 'retryable', CAUSE_HATCH.retryable, ({ retryable }) => retryable)]
      : []),
  ];
}

function latencySets(columns: readonly Column[]): Dataset[] {
  const line = (label: string, pick: (column: Column) => number | null, style: object): Dataset => {
    const data = columns.map((column) => ({ x: seconds(column.at + column.forMs / 2), y: digits(pick(column)) }));
    return { type: 'line', label, yAxisID: 'latency', data, pointRadius: radii(data), spanGaps: false, ...style };
  };
  const bare = {
    borderWidth: 0,
    pointStyle: 'rect',
    borderColor: colour('range'),
  };
  return [
    line('', ({ minMs }) => minMs, bare),
    line('fastest to slowest', ({ maxMs }) => maxMs, { ...bare, backgroundColor: colour('range'), fill: '-1' }),
    line('p99', ({ p99Ms }) => p99Ms, {
      borderColor: colour('p99'),
      backgroundColor: colour('p99'),
      borderWidth: 1.4,
      pointStyle: 'line',
    }),
    line('p50', ({ p50Ms }) => p50Ms, {
      borderColor: colour('p50'),
      backgroundColor: colour('p50'),
      borderWidth: 1.4,
      borderDash: [4, 2],
      pointStyle: 'line',
    }),
  ];
}

/** A point between two gaps has no line to be seen by. */
function radii(data: readonly XY[]): number | number[] {
  const alone = data.map((point, i) => (point.y !== null && !data[i - 1]?.y && !data[i + 1]?.y ? 1.6 : 0));
  return alone.some((radius) => radius > 0) ? alone : 0;
}

/** Cumulative shares as steps, with a point only where the mix changes. */
function versionSets({ columns, versions, durationMs }: Timeline): Dataset[] {
  return versions.map((version, index) => {
    const data: XY[] = [];
    let last: number | null | undefined;
    for (const { at, byVersion } of columns) {
      const total = byVersion.reduce((sum, count) => sum + count, 0);
      const upTo = byVersion.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
      const share = total === 0 ? null : Number((upTo / total).toFixed(3));
      if (share === last) continue;
      if (share === null && last !== undefined) data.push({ x: seconds(at), y: last as number });
      data.push({ x: seconds(at), y: share });
      last = share;
    }
    if (last !== undefined) data.push({ x: seconds(durationMs), y: last });
    return {
      type: 'line',
      label: `version ${version}`,
      yAxisID: 'versions',
      data,
      stepped: 'before',
      pointRadius: 0,
      pointStyle: 'rect',
      borderWidth: 0,
      backgroundColor: hatchFill(versionHatch(index), versionColour(index)),
      fill: index === 0 ? 'origin' : '-1',
    };
  });
}

function scalesOf(timeline: Timeline, columns: readonly Column[]) {
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
    latency: {
      ...panel('latency'),
      type: 'logarithmic',
      ...latencyRange(columns),
      ticks: { ...axis, maxTicksLimit: 6, format: { style: 'unit', unit: 'millisecond', unitDisplay: 'narrow' } },
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

/** Whole decades around what was measured, so that a timeout and a normal answer are both read off. */
export function latencyRange(columns: readonly Pick<Column, 'minMs' | 'maxMs'>[]): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const { minMs, maxMs } of columns) {
    if (minMs !== null && minMs > 0) min = Math.min(min, minMs);
    if (maxMs !== null) max = Math.max(max, maxMs);
  }
  if (max === 0) return { min: 1, max: 1000 };
  return { min: Math.max(0.1, niceBelow(min)), max: niceAbove(Math.max(max, 10)) };
}

const STEPS = [1, 2, 5, 10];

function niceBelow(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return Number(((STEPS.filter((step) => step * decade <= value * 1.0001).at(-1) ?? 1) * decade).toPrecision(1));
}

function niceAbove(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value));
  return Number(((STEPS.find((step) => step * decade >= value) ?? 10) * decade).toPrecision(1));
}

/** Its own types do not resolve under `moduleResolution: nodenext`. */
type AnnotationOptions = Record<string, unknown>;
type Annotations = Record<string, AnnotationOptions>;

/** One set for each y scale: a box belongs to a single one. */
function annotationsOf(timeline: Timeline, plotWidth: number): Annotations {
  const annotations: Annotations = {};
  for (const panel of Object.keys(PANELS) as Panel[]) {
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
  return { ...annotations, ...partBoxes(timeline), ...labelsOf(timeline, plotWidth) };
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

const VERDICT_TEXT: Record<string, [string, ColourName]> = {
  'zero-downtime': ['✓ Zero downtime', 'good'],
  downtime: ['✗ Downtime', 'bad'],
  inconclusive: ['? Inconclusive', 'unsure'],
};

function titleOf({ verdict, title }: Timeline) {
  const [text, name] = VERDICT_TEXT[verdict] ?? [verdict, 'text' as const];
  return {
    display: true,
    align: 'start',
    text: `${text}  ·  ${title}`,
    color: colour(name),
    font: { family: FONT, size: 18, weight: 'bold' },
    padding: { bottom: 4 },
  };
}

function subtitleOf({ headline }: Timeline) {
  return {
    display: true,
    align: 'start',
    text: headline,
    color: colour('dim'),
    font: { family: FONT, size: 12 },
    padding: { bottom: 10 },
  };
}

function legend() {
  return {
    display: true,
    position: 'bottom',
    labels: {
      usePointStyle: true,
      pointStyleWidth: 16,
      boxHeight: 7,
      padding: 14,
      color: colour('dim'),
      font: { family: FONT, size: 11 },
      filter: ({ text }: { text: string }) => text !== '',
    },
  };
}
