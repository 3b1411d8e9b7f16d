import { LEFT, RIGHT } from '../svg-parts.js';

/**
 * Drawings on the axis of time (`svg[data-axis]`, with the margins of the timeline) follow the shared window: shapes are
 * stretched along the axis, texts are moved, and the ticks are written anew. What stands in the margin on the left, and
 * what is marked `data-still`, stays.
 */
export const AXES_SCRIPT = `
(() => {
  'use strict';
  const NAMESPACE = 'http://www.w3.org/2000/svg';
  const [LEFT, RIGHT] = [${LEFT}, ${RIGHT}];
  const figures = [];

  function svgElement(name, attributes) {
    const made = document.createElementNS(NAMESPACE, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  /** 1, 2 or 5 times a power of ten. */
  function niceStep(value) {
    const decade = 10 ** Math.floor(Math.log10(value));
    return [1, 2, 5, 10].find((step) => step * decade >= value) * decade;
  }

  /** What is stretched as a whole, what is moved, and the ticks of the axis. */
  function partsOf(svg, height) {
    const parts = { shapes: [], texts: [], ticks: [] };
    const sort = (element) => {
      for (const child of element.children) {
        if ('still' in child.dataset || /^(defs|title|desc|clipPath)$/.test(child.localName)) continue;
        if (child.localName === 'text') {
          const x = Number(child.getAttribute('x'));
          const y = Number(child.getAttribute('y'));
          if (y > height - 24 && /^[\\d.]+ s$/.test(child.textContent)) parts.ticks.push(child);
          else if (x > LEFT + 4) parts.texts.push({ text: child, x });
        } else if (child.localName === 'g' && child.querySelector('text, [data-still]')) sort(child);
        else parts.shapes.push({ shape: child, own: child.getAttribute('transform') ?? '' });
      }
    };
    sort(svg);
    return parts;
  }

  /** Titles are told at the pointer at once; the browser's own would come on top of it. */
  function takeTitles(svg) {
    const titles = new Map();
    for (const title of svg.querySelectorAll('title')) {
      if (title.parentElement === svg) continue;
      titles.set(title.parentElement, title.textContent);
      title.remove();
    }
    return (target) => {
      for (let element = target; element && element !== svg; element = element.parentElement) {
        if (titles.has(element)) return titles.get(element);
      }
      return '';
    };
  }

  function attach(svg, index) {
    const { width, height } = svg.viewBox.baseVal;
    const plotWidth = width - LEFT - RIGHT;
    const id = 'axis-' + index;
    const { shapes, texts, ticks } = partsOf(svg, height);
    const tickY = ticks[0]?.getAttribute('y') ?? height - 8;
    const cover = svgElement('rect', { y: 0, height });
    const clip = svgElement('clipPath', { id });
    const newTicks = svgElement('g', { class: 'f-dim', 'text-anchor': 'middle' });
    clip.append(cover);
    svg.append(clip, newTicks);
    const titleAt = takeTitles(svg);

    function show({ from, to }) {
      const isWhole = from === zdd.whole.from && to === zdd.whole.to;
      const scale = zdd.whole.to / (to - from);
      const begin = LEFT + (plotWidth * from) / zdd.whole.to;
      const place = (x) => LEFT + (x - begin) * scale;
      cover.setAttribute('x', begin);
      cover.setAttribute('width', plotWidth / scale);
      for (const { shape, own } of shapes) {
        if (isWhole) {
          shape.removeAttribute('clip-path');
          if (own === '') shape.removeAttribute('transform');
          else shape.setAttribute('transform', own);
        } else {
          shape.setAttribute('clip-path', 'url(#' + id + ')');
          shape.setAttribute('transform', 'matrix(' + scale + ' 0 0 1 ' + (LEFT - begin * scale) + ' 0) ' + own);
        }
        shape.classList.toggle('stretched', !isWhole);
      }
      for (const { text, x } of texts) {
        text.setAttribute('x', isWhole ? x : place(x));
        text.classList.toggle('away', !isWhole && (place(x) < LEFT || place(x) > width - RIGHT));
      }
      for (const tick of ticks) tick.classList.toggle('away', !isWhole);
      newTicks.replaceChildren();
      if (isWhole) return;
      const step = niceStep((to - from) / (width < 600 ? 4 : 10));
      for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
        const x = LEFT + ((at - from) / (to - from)) * plotWidth;
        const tick = svgElement('text', { x, y: tickY });
        tick.textContent = Number(at.toFixed(2)) + ' s';
        newTicks.append(tick);
      }
    }

    const holder = svg.parentElement;
    holder.tabIndex = 0;
    holder.setAttribute('role', 'group');
    const heading = svg.closest('details')?.querySelector('summary') ?? svg.closest('section')?.querySelector('h2');
    holder.setAttribute('aria-label', (heading?.textContent ?? 'Chart') + ': arrow keys move, plus and minus zoom');
    zdd.surface(svg, {
      keyed: holder,
      plot() {
        const { left, width: shown } = svg.getBoundingClientRect();
        return { left: left + (LEFT / width) * shown, right: left + ((width - RIGHT) / width) * shown };
      },
      describe: (at, target) => [zdd.placeText(at), titleAt(target), zdd.valuesText(at)].filter((text) => text !== '').join('\\n'),
    });
    zdd.follow(show);
    figures.push(show);
  }

  document.querySelectorAll('svg[data-axis]').forEach(attach);
  // The marks of a figure stand before it, once for its drawings.
  for (const figure of document.querySelectorAll('svg.defs + figure:not(#timeline-figure)')) {
    const marks = figure.previousElementSibling;
    zdd.legend(figure, (series, shown) => {
      for (const mark of marks.querySelectorAll('[data-series]')) if (mark.dataset.series === series) mark.classList.toggle('away', !shown);
    });
  }
  // On paper all charts show the whole run.
  addEventListener('beforeprint', () => figures.forEach((show) => show(zdd.whole)));
  addEventListener('afterprint', () => figures.forEach((show) => show(zdd.view)));
})();
`;
