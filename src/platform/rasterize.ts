import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from '@napi-rs/canvas';
import { Chart, type ChartConfiguration, type ChartItem, type ChartType, registerables } from 'chart.js';
import annotationPlugin from 'chartjs-plugin-annotation';

/** Logical pixels are doubled, so that an image of 2400 pixels has text of a 1200 pixel page. */
const PIXEL_RATIO = 2;
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

/** Draws a Chart.js configuration as PNG with a font of its own: the same picture on every machine. */
export function rasterize<Type extends ChartType, Data>(
  config: ChartConfiguration<Type, Data>,
  { width, height }: { width: number; height: number },
): Uint8Array {
  prepare();
  const canvas = createCanvas(width / PIXEL_RATIO, height / PIXEL_RATIO);
  const chart = new Chart(canvas as unknown as ChartItem, {
    type: 'line',
    data: { datasets: [] },
    ...(withPatterns(config, canvas.getContext('2d')) as object),
    plugins: [paper],
    options: {
      ...(withPatterns(config.options ?? {}, canvas.getContext('2d')) as object),
      responsive: false,
      animation: false,
      devicePixelRatio: PIXEL_RATIO,
    },
  });
  try {
    return canvas.toBuffer('image/png');
  } finally {
    chart.destroy();
  }
}

/** The bundles a report carries so that its charts live in the browser. */
export async function loadChartBundles(): Promise<{ chartJs: string; annotationPlugin: string }> {
  const [chartJs, annotation] = await Promise.all([
    readFile(join(packageDir('chart.js'), 'chart.umd.min.js'), 'utf8'),
    readFile(join(packageDir('chartjs-plugin-annotation'), 'chartjs-plugin-annotation.min.js'), 'utf8'),
  ]);
  return { chartJs, annotationPlugin: annotation };
}

const require = createRequire(import.meta.url);

/** The folder of a package's main file. */
function packageDir(name: string): string {
  return dirname(require.resolve(name));
}

let prepared = false;

function prepare(): void {
  if (prepared) return;
  const folder = join(dirname(require.resolve('dejavu-fonts-ttf/package.json')), 'ttf');
  for (const font of FONTS) GlobalFonts.registerFromPath(join(folder, font), 'DejaVu Sans');
  Chart.register(...registerables, annotationPlugin);
  prepared = true;
}

/** A PNG without a ground of its own is unreadable where the page around it is dark. */
const paper = {
  id: 'paper',
  beforeDraw(chart: Chart) {
    const { ctx } = chart;
    ctx.save();
    ctx.fillStyle = '#ffffff';
    ctx.fillRect(0, 0, chart.width, chart.height);
    ctx.restore();
  },
};

/** Copies a configuration with `hatch:rise:#d3304b` replaced by a pattern of that shape and colour. */
function withPatterns(value: unknown, context: SKRSContext2D): unknown {
  if (typeof value === 'string' && value.startsWith('hatch:')) {
    const [, shape = '', colour = ''] = value.split(':');
    return context.createPattern(tile(shape, colour), 'repeat');
  }
  if (Array.isArray(value))
    return typeof value[0] === 'object' || typeof value[0] === 'string'
      ? value.map((item) => withPatterns(item, context))
      : value;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withPatterns(item, context)]));
}

/** An 8 x 8 tile: a wash of the colour with the shape in full strength. */
function tile(shape: string, colour: string): Canvas {
  const canvas = createCanvas(8, 8);
  const context = canvas.getContext('2d');
  context.globalAlpha = 0.45;
  context.fillStyle = colour;
  context.fillRect(0, 0, 8, 8);
  context.globalAlpha = 1;
  context.strokeStyle = colour;
  context.lineWidth = 2;
  for (const [x1, y1, x2, y2] of STROKES[shape] ?? []) {
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  return canvas;
}

const RISE: Stroke[] = [
  [-2, 2, 2, -2],
  [-2, 10, 10, -2],
  [6, 10, 10, 6],
];
const FALL: Stroke[] = RISE.map(([x1, y1, x2, y2]) => [8 - x1, y1, 8 - x2, y2]);
type Stroke = [number, number, number, number];
const STROKES: Record<string, Stroke[]> = {
  rise: RISE,
  fall: FALL,
  cross: [...RISE, ...FALL],
  rows: [[0, 4, 8, 4]],
  dots: [
    [1, 2, 3, 2],
    [5, 6, 7, 6],
  ],
};
