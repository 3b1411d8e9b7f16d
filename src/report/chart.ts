import type { ChartConfiguration, ChartDataset } from 'chart.js';
import { annotationsOf } from './chart-annotations.js';
import { FONT, hatchFill, scalesOf, seconds } from './chart-scales.js';
import { CAUSE_HATCH, type ColourName, colour, type Hatch, versionColour, versionHatch } from './palette.js';
import { type Column, type Timeline, widen } from './timeline.js';

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

/**
 * The timeline as a Chart.js configuration: four panels over one time axis (seconds), the phases of the release as
 * bands behind all of them. Fills of the form `hatch:rise:#d3304b` become patterns where the chart is drawn.
 */
export function timelineChart(
  timeline: Timeline,
  { title = false, width = 1200 }: TimelineChartOptions = {},
): TimelineChart {
  const plotWidth = width - 90;
  const columns = title ? widen(timeline, Math.floor(plotWidth / 2.5)) : timeline.columns;
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
