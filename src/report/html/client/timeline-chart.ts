import { LABEL_ROWS } from '../../chart-scales.js';
import { colour } from '../../palette.js';

/** Chart.js takes the static timeline over, for values at the pointer, zoom, and a legend that hides series. */
export const TIMELINE_SCRIPT = `
(() => {
  'use strict';
  const figure = document.getElementById('timeline-figure');
  if (!figure || typeof Chart === 'undefined') return;

  const { chart: config, axes, dark, bands, forMs } = zdd.timeline;
  const stage = figure.querySelector('.stage');
  const canvas = stage.querySelector('canvas');
  const toWhole = figure.querySelector('button[data-do=whole]');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  const hidden = new Set();
  let chart = null;
  let all = [];

  const STROKES = {
    rise: [[-2, 2, 2, -2], [-2, 10, 10, -2], [6, 10, 10, 6]],
    fall: [[10, 2, 6, -2], [10, 10, -2, -2], [2, 10, -2, 6]],
    dots: [[1, 2, 3, 2], [5, 6, 7, 6]],
    rows: [[0, 4, 8, 4]],
  };
  STROKES.cross = [...STROKES.rise, ...STROKES.fall];

  function pattern(shape, colour) {
    const tile = document.createElement('canvas');
    tile.width = tile.height = 8;
    const context = tile.getContext('2d');
    context.globalAlpha = 0.4;
    context.fillStyle = colour;
    context.fillRect(0, 0, 8, 8);
    context.globalAlpha = 1;
    context.strokeStyle = colour;
    context.lineWidth = 2;
    for (const [x1, y1, x2, y2] of STROKES[shape] || []) {
      context.beginPath();
      context.moveTo(x1, y1);
      context.lineTo(x2, y2);
      context.stroke();
    }
    return canvas.getContext('2d').createPattern(tile, 'repeat');
  }

  const scheme = (colour) => (prefersDark.matches && dark[colour]) || colour;

  function dress(value, key) {
    if (key === 'data' && Array.isArray(value)) return value;
    if (typeof value === 'string') {
      if (!value.startsWith('hatch:')) return scheme(value);
      const [, shape, colour] = value.split(':');
      return pattern(shape, scheme(colour));
    }
    if (Array.isArray(value)) return value.map((item) => dress(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, dress(item, name)]));
  }

  /** The server's labels stay what they are, whatever colour they happen to spell. */
  function unpack(dataset) {
    const xs = axes[dataset.data.axis];
    return { ...dress(dataset), label: dataset.label, data: dataset.data.y.map((y, i) => ({ x: xs[i], y })) };
  }

  /** Names of the bands in view, in rows, the first that is free; the last band first, so that no name stands on another's edge. */
  function placeNames(annotations, view, plotWidth) {
    for (const key of Object.keys(annotations)) if (key.startsWith('label-')) delete annotations[key];
    const context = canvas.getContext('2d');
    context.font = '600 11px system-ui, sans-serif';
    const pixels = plotWidth / (view.to - view.from);
    const rows = Array.from({ length: ${LABEL_ROWS} }, () => []);
    const free = (row, left, right) => row.every(([a, b]) => right <= a || left >= b);
    [...bands].reverse().forEach((band, i) => {
      if (band.to <= view.from || band.from >= view.to) return;
      const width = context.measureText(band.label).width + 14;
      const start = (Math.max(band.from, view.from) - view.from) * pixels;
      const fits = start + width <= plotWidth;
      const end = fits ? start + width : (Math.min(band.to, view.to) - view.from) * pixels;
      const left = fits ? start : end - width;
      const x = fits ? start : end;
      const row = rows.findIndex((spans, k) => free(spans, left, end) && rows.slice(0, k).every((below) => free(below, x - 1, x + 1)));
      if (left < 0 || row === -1) return;
      rows[row].push([left, end]);
      rows.slice(0, row).forEach((below) => below.push([x - 1, x + 1]));
      annotations['label-' + i] = {
        type: 'label', xScaleID: 'x', yScaleID: 'phases', drawTime: 'beforeDatasetsDraw', content: band.label,
        xValue: view.from + x / pixels, yValue: row + 1.5,
        position: { x: fits ? 'start' : 'end', y: 'center' }, padding: { x: 4, y: 0 },
        color: scheme('${colour('text')}'), font: { size: 11, weight: '600', family: 'system-ui, sans-serif' },
      };
    });
  }

  /** As many points as there are pixels for; the extreme of each stretch survives. */
  function thin(points, width, pick) {
    const kept = new Map();
    for (const { x, y } of points) {
      const at = Math.floor(x / width);
      const known = kept.get(at);
      kept.set(at, { x: (at + 0.5) * width, y: known === undefined || known.y === null ? y : y === null ? known.y : pick(known.y, y) });
    }
    return [...kept.values()];
  }

  /** The fastest and the slowest are two lines with the space between them filled: one entry of the legend. */
  const seriesOf = ({ label }) => label || 'fastest to slowest';

  function show(view) {
    if (chart === null) return;
    const { options, data, chartArea } = chart;
    options.scales.x.min = view.from;
    options.scales.x.max = view.to;
    // Beside the numbers there is no room for names on a narrow page; Chart.js would cut the numbers.
    for (const panel of ['versions', 'latency', 'failures']) options.scales[panel].title.display = canvas.clientWidth >= 560;
    options.layout.padding.left = canvas.clientWidth >= 560 ? 0 : 10;
    const plotWidth = Math.max(50, chartArea.right - chartArea.left);
    const thickness = Math.max(2, Math.ceil((plotWidth * forMs) / 1000 / (view.to - view.from)));
    const per = Math.ceil(((view.to - view.from) * 1000) / forMs / (plotWidth / 2.5));
    data.datasets.forEach((dataset, i) => {
      const away = hidden.has(seriesOf(dataset));
      // A version that is hidden keeps its place: the share of the others is read off the same axis.
      if (dataset.yAxisID === 'versions') dataset.backgroundColor = away ? 'transparent' : all[i].backgroundColor;
      else dataset.hidden = away;
      if (dataset.type === 'bar') dataset.barThickness = thickness;
      if (dataset.yAxisID !== 'latency') return;
      dataset.data = per > 1 ? thin(all[i].data, (per * forMs) / 1000, dataset.label === '' ? Math.min : Math.max) : all[i].data;
      dataset.pointRadius = dataset.data.map(({ y }, k, points) => (y !== null && !points[k - 1]?.y && !points[k + 1]?.y ? 1.6 : 0));
    });
    placeNames(options.plugins.annotation.annotations, view, plotWidth);
    chart.update('none');
  }

  function draw() {
    if (chart) chart.destroy();
    figure.classList.add('live');
    const family = 'system-ui, sans-serif';
    const dressed = { ...dress({ ...config, data: {} }), data: { datasets: config.data.datasets.map(unpack) } };
    dressed.options.font = { ...dressed.options.font, family };
    dressed.options.scales.x.ticks.includeBounds = false;
    dressed.options.onResize = () => setTimeout(() => show(zdd.view));
    // Chart.js leaves a stack of narrow axes no room for more than '100 ms'.
    dressed.options.scales.latency.ticks.callback = function (value, ...more) {
      const shown = Chart.Ticks.formatters.logarithmic.call(this, value, ...more) !== '';
      return shown ? (value >= 1000 ? value / 1000 + ' s' : value + ' ms') : '';
    };
    all = dressed.data.datasets.map(({ data, backgroundColor }) => ({ data, backgroundColor }));
    chart = new Chart(canvas, dressed);
    show(zdd.view);
  }

  const describe = (at) => zdd.placeText(at) + '\\n' + zdd.valuesText(at);

  function plot() {
    const { left } = canvas.getBoundingClientRect();
    return { left: left + chart.chartArea.left, right: left + chart.chartArea.right };
  }

  function takeOver() {
    try {
      draw();
    } catch (error) {
      figure.classList.remove('live');
      chart = null;
      console.error(error);
    }
  }
  takeOver();
  if (chart === null) return;
  zdd.surface(canvas, { keyed: stage, plot, describe });
  zdd.legend(figure, (series, shown) => {
    if (shown) hidden.delete(series);
    else hidden.add(series);
    show(zdd.view);
  });
  zdd.follow((view) => {
    show(view);
    toWhole.disabled = view === zdd.whole;
  });
  prefersDark.addEventListener('change', takeOver);
})();
`;
