import { LABEL_ROWS } from '../chart-scales.js';
import { colour } from '../palette.js';

/**
 * What runs in the reader's browser: Chart.js takes the static timeline over, for tooltips and zoom. Plain script of
 * its own (no module, no import), readable as it is shipped. It adds to the page and never carries a fact alone.
 */
export const CLIENT_SCRIPT = `
(() => {
  'use strict';
  addEventListener('beforeprint', () => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
  const figure = document.getElementById('timeline-figure');
  const source = document.getElementById('timeline-data');
  if (!figure || !source || typeof Chart === 'undefined') return;

  const { chart: config, axes, dark, columns, bands, forMs, durationMs } = JSON.parse(source.textContent);
  const canvas = figure.querySelector('canvas');
  const stage = figure.querySelector('.stage');
  const tip = figure.querySelector('.tip');
  const brush = figure.querySelector('.brush');
  const reset = figure.querySelector('button');
  const whole = { from: 0, to: durationMs / 1000, data: [] };
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  let chart = null;

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

  function unpack(dataset) {
    const xs = axes[dataset.data.axis];
    return { ...dataset, data: dataset.data.y.map((y, i) => ({ x: xs[i], y })) };
  }

  function windowOf(hash) {
    const match = /^#t=(\\d+(?:\\.\\d+)?)-(\\d+(?:\\.\\d+)?)$/.exec(hash);
    if (!match) return whole;
    const from = Math.max(whole.from, Number(match[1]));
    const to = Math.min(whole.to, Number(match[2]));
    return to - from >= 0.2 ? { from, to } : whole;
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

  function show(view) {
    const { options, data, chartArea } = chart;
    tip.style.display = 'none';
    options.scales.x.min = view.from;
    options.scales.x.max = view.to;
    // Beside the numbers there is no room for names on a narrow page; Chart.js would cut the numbers.
    for (const panel of ['versions', 'latency', 'failures']) options.scales[panel].title.display = canvas.clientWidth >= 560;
    const plotWidth = Math.max(50, chartArea.right - chartArea.left);
    const thickness = Math.max(2, Math.ceil((plotWidth * forMs) / 1000 / (view.to - view.from)));
    const per = Math.ceil(((view.to - view.from) * 1000) / forMs / (plotWidth / 2.5));
    data.datasets.forEach((dataset, i) => {
      if (dataset.type === 'bar') dataset.barThickness = thickness;
      if (dataset.yAxisID !== 'latency') return;
      dataset.data = per > 1 ? thin(whole.data[i], (per * forMs) / 1000, dataset.label === '' ? Math.min : Math.max) : whole.data[i];
      dataset.pointRadius = dataset.data.map(({ y }, k, all) => (y !== null && !all[k - 1]?.y && !all[k + 1]?.y ? 1.6 : 0));
    });
    placeNames(options.plugins.annotation.annotations, view, plotWidth);
    chart.update('none');
    reset.hidden = view === whole;
  }

  function draw() {
    if (chart) chart.destroy();
    figure.classList.add('live');
    const family = 'system-ui, sans-serif';
    const dressed = dress({ ...config, data: { datasets: config.data.datasets.map(unpack) } });
    dressed.options.font = { ...dressed.options.font, family };
    dressed.options.onResize = () => setTimeout(() => chart && show(windowOf(location.hash)));
    // Chart.js leaves a stack of narrow axes no room for more than '100 ms'.
    dressed.options.scales.latency.ticks.callback = function (value, ...more) {
      const shown = Chart.Ticks.formatters.logarithmic.call(this, value, ...more) !== '';
      return shown ? (value >= 1000 ? value / 1000 + ' s' : value + ' ms') : '';
    };
    whole.data = dressed.data.datasets.map(({ data }) => data);
    chart = new Chart(canvas, dressed);
    show(windowOf(location.hash));
  }

  function secondsAt(event) {
    const { left } = canvas.getBoundingClientRect();
    const at = chart.scales.x.getValueForPixel(event.clientX - left);
    return Math.min(chart.scales.x.max, Math.max(chart.scales.x.min, at));
  }

  const ms = (value) => (value === null ? '-' : value >= 1000 ? (value / 1000).toFixed(2) + ' s' : value + ' ms');

  function describe(at) {
    const band = bands.find(({ from, to }) => at >= from && at < to);
    const i = columns.at.indexOf(Math.floor((at * 1000) / forMs) * forMs);
    const lines = [at.toFixed(1) + ' s' + (band ? '  ' + band.label + ' +' + (at - band.from).toFixed(1) + ' s' : '')];
    if (i === -1) return [...lines, 'nothing ended here'].join('\\n');
    lines.push(columns.requests[i] + ' requests, ' + columns.failed[i] + ' failed');
    for (const dataset of chart.data.datasets) {
      if (dataset.type !== 'bar') continue;
      const bar = dataset.data.find(({ x }) => Math.abs(x * 1000 - columns.at[i] - forMs / 2) < 1);
      if (bar) lines.push('  ' + bar.y + ' ' + dataset.label);
    }
    lines.push('p50 ' + ms(columns.p50[i]) + '  p99 ' + ms(columns.p99[i]) + '  max ' + ms(columns.max[i]));
    return lines.join('\\n');
  }

  let from = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.pointerType === 'touch') point(event, canvas.getBoundingClientRect());
    else if (event.button === 0) from = event.clientX;
  });
  function point(event, box) {
    const x = event.clientX - box.left;
    tip.textContent = describe(secondsAt(event));
    tip.style.display = 'block';
    tip.style.top = Math.min(event.clientY - box.top + 14, box.height - tip.offsetHeight) + 'px';
    tip.style.left = (x + 18 + tip.offsetWidth > box.width ? Math.max(0, x - tip.offsetWidth - 14) : x + 18) + 'px';
  }
  canvas.addEventListener('pointermove', (event) => {
    const box = canvas.getBoundingClientRect();
    point(event, box);
    if (from === null) return;
    brush.style.display = 'block';
    brush.style.left = Math.min(from, event.clientX) - box.left + 'px';
    brush.style.width = Math.abs(event.clientX - from) + 'px';
  });
  canvas.addEventListener('pointerleave', (event) => {
    if (event.pointerType !== 'touch') tip.style.display = 'none';
  });
  addEventListener('pointerdown', (event) => {
    if (event.target !== canvas) tip.style.display = 'none';
  });
  addEventListener('pointerup', (event) => {
    if (from === null) return;
    const [a, b] = [from, event.clientX].sort((left, right) => left - right);
    brush.style.display = 'none';
    from = null;
    if (b - a < 6) return;
    location.hash = 't=' + secondsAt({ clientX: a }).toFixed(1) + '-' + secondsAt({ clientX: b }).toFixed(1);
  });
  const showAll = () => {
    history.replaceState(null, '', location.pathname + location.search + '#timeline');
    show(whole);
  };
  canvas.addEventListener('dblclick', showAll);
  reset.addEventListener('click', showAll);
  addEventListener('hashchange', () => {
    const zooms = location.hash.startsWith('#t=');
    // Back to before the zoom; a link to another section leaves it.
    if (zooms || location.hash === '' || location.hash === '#timeline') show(windowOf(location.hash));
    if (zooms) document.getElementById('timeline').scrollIntoView({ block: 'start' });
  });
  function takeOver() {
    try {
      draw();
    } catch (error) {
      figure.classList.remove('live');
      console.error(error);
    }
  }
  prefersDark.addEventListener('change', takeOver);
  takeOver();
  if (location.hash.startsWith('#t=')) document.getElementById('timeline').scrollIntoView({ block: 'start' });
})();
`;
