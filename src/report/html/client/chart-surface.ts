/**
 * What every chart with an axis of time does under a pointer and a keyboard: zoom by dragging, move by Shift-dragging,
 * values at the pointer, and a line at the same moment in all charts. Defines `zdd.surface`.
 */
export const SURFACE_SCRIPT = `
(() => {
  'use strict';
  const CLICK = 6;
  const lines = [];
  const KEYS = {
    ArrowLeft: (event) => zdd.pan(event.shiftKey ? -0.5 : -0.1),
    ArrowRight: (event) => zdd.pan(event.shiftKey ? 0.5 : 0.1),
    '+': () => zdd.zoom(0.5),
    '=': () => zdd.zoom(0.5),
    '-': () => zdd.zoom(2),
    Escape: zdd.reset,
  };

  /** A line in each chart at the same moment; null takes it away. */
  function pointAll(at) {
    for (const place of lines) place(at);
  }

  /**
   * 'surface' is drawn on; its parent, positioned, holds what is laid over it; 'keyed' has the focus. 'plot' gives the
   * left and right end of the axis, in pixels of the window; 'describe' the text for a moment and the element there.
   */
  zdd.surface = (surface, { keyed, plot, describe }) => {
    const holder = surface.parentElement;
    const [brush, line, tip] = ['brush', 'cursor', 'tip'].map((className) => zdd.element('div', { className }));
    holder.append(brush, line, tip);
    surface.classList.add('surface');
    let drag = null;

    const boxOf = () => {
      const own = surface.getBoundingClientRect();
      const outer = holder.getBoundingClientRect();
      return { own, left: outer.left + holder.clientLeft, top: own.top - outer.top - holder.clientTop, width: holder.clientWidth };
    };
    const secondsAt = (clientX, { from, to } = zdd.view) => {
      const { left, right } = plot();
      return Math.min(to, Math.max(from, from + ((clientX - left) / (right - left)) * (to - from)));
    };
    const lay = (element, x, width, box) => {
      element.style.display = 'block';
      element.style.left = x - box.left + 'px';
      element.style.top = box.top + 'px';
      element.style.height = box.own.height + 'px';
      element.style.width = width + 'px';
    };
    lines.push((at) => {
      line.style.display = 'none';
      const { from, to } = zdd.view;
      if (at === null || at < from || at > to || surface.getClientRects().length === 0) return;
      const { left, right } = plot();
      lay(line, left + ((at - from) / (to - from)) * (right - left), 1, boxOf());
    });

    function tell(event) {
      const box = boxOf();
      const at = secondsAt(event.clientX);
      pointAll(at);
      tip.textContent = describe(at, event.target);
      tip.style.display = 'block';
      const x = event.clientX - box.left;
      const y = event.clientY - box.own.top + 14;
      tip.style.top = box.top + Math.max(0, Math.min(y, box.own.height - tip.offsetHeight)) + 'px';
      tip.style.left = (x + 18 + tip.offsetWidth > box.width ? Math.max(0, x - tip.offsetWidth - 14) : x + 18) + 'px';
    }
    function hush() {
      tip.style.display = 'none';
      pointAll(null);
    }

    surface.addEventListener('pointerdown', (event) => {
      if (event.pointerType === 'touch') return tell(event);
      if (event.button !== 0) return;
      drag = { x: event.clientX, view: zdd.view, moves: event.shiftKey };
      surface.setPointerCapture(event.pointerId);
    });
    surface.addEventListener('pointermove', (event) => {
      if (drag === null || !drag.moves) tell(event);
      if (drag === null) return;
      if (drag.moves) {
        const { left, right } = plot();
        const by = ((drag.x - event.clientX) / (right - left)) * (drag.view.to - drag.view.from);
        return zdd.set({ from: drag.view.from + by, to: drag.view.to + by }, false);
      }
      lay(brush, Math.min(drag.x, event.clientX), Math.abs(event.clientX - drag.x), boxOf());
    });
    surface.addEventListener('pointerup', (event) => {
      if (drag === null) return;
      const { x, moves } = drag;
      drag = null;
      brush.style.display = 'none';
      if (moves || Math.abs(event.clientX - x) < CLICK) return;
      const [from, to] = [secondsAt(x), secondsAt(event.clientX)].sort((a, b) => a - b);
      zdd.set({ from, to }, true);
    });
    surface.addEventListener('pointercancel', () => {
      drag = null;
      brush.style.display = 'none';
    });
    surface.addEventListener('pointerleave', (event) => {
      if (event.pointerType !== 'touch') hush();
    });
    addEventListener('pointerdown', (event) => {
      if (!surface.contains(event.target)) hush();
    });
    surface.addEventListener('dblclick', zdd.reset);
    if (keyed.dataset.keyed) return;
    keyed.dataset.keyed = 'yes';
    keyed.addEventListener('keydown', (event) => {
      const act = KEYS[event.key];
      if (event.target !== keyed || event.ctrlKey || event.altKey || event.metaKey || act === undefined) return;
      event.preventDefault();
      act(event);
    });
  };

  /** Entries of a legend that name a series become buttons, which tell whether it is shown; the others stay text. */
  zdd.legend = (figure, tell) => {
    for (const entry of figure.querySelectorAll('.legend li[data-series]')) {
      const button = zdd.element('button', { type: 'button' }, ...entry.childNodes);
      button.setAttribute('aria-pressed', 'true');
      button.title = 'Show or hide';
      entry.append(button);
      button.addEventListener('click', () => {
        const shown = button.getAttribute('aria-pressed') === 'false';
        button.setAttribute('aria-pressed', String(shown));
        tell(entry.dataset.series, shown);
      });
    }
  };

  for (const button of document.querySelectorAll('button[data-do]')) {
    button.addEventListener('click', () => zdd.act(button.dataset.do));
  }
})();
`;
