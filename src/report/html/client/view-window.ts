/**
 * The stretch of the run that every chart shows, shared through the address (`#t=74.0-78.5`, seconds of the run): links,
 * the Back button and a copied address lead to the same picture. Defines `zdd`, on which the scripts after it build.
 */
export const WINDOW_SCRIPT = `
const zdd = (() => {
  'use strict';
  const timeline = JSON.parse(document.getElementById('timeline-data').textContent);
  const whole = Object.freeze({ from: 0, to: timeline.durationMs / 1000 });
  const SHORTEST = 0.2;
  const followers = [];
  let view = whole;

  function addressed() {
    const match = /^#t=(\\d+(?:\\.\\d+)?)-(\\d+(?:\\.\\d+)?)$/.exec(location.hash);
    if (!match) return whole;
    const from = Math.max(whole.from, Number(match[1]));
    const to = Math.min(whole.to, Number(match[2]));
    return to - from > SHORTEST / 2 ? within({ from, to }) : whole;
  }

  /** The same stretch within the run, no shorter than can be read. */
  function within({ from, to }) {
    const length = Math.max(SHORTEST, to - from);
    if (length >= whole.to - 0.001) return whole;
    const start = Math.min(Math.max(0, from), whole.to - length);
    return { from: start, to: start + length };
  }

  function show(next) {
    view = next;
    for (const follower of followers) follower(view);
  }

  /** Where 'remember' is set, the Back button leads back to what was shown before. */
  function set(next, remember) {
    const wanted = within(next);
    if (wanted.from === view.from && wanted.to === view.to) return;
    const digits = wanted.to - wanted.from < 10 ? 2 : 1;
    const hash = wanted === whole ? '#timeline' : '#t=' + wanted.from.toFixed(digits) + '-' + wanted.to.toFixed(digits);
    try {
      history[remember ? 'pushState' : 'replaceState'](null, '', hash);
    } catch {
      // Some viewers of files forbid it: the picture changes all the same, and the address does not.
    }
    show(wanted);
  }

  const reset = () => set(whole, false);
  /** By so many lengths of what is shown. */
  const pan = (lengths) => {
    const by = (view.to - view.from) * lengths;
    set({ from: view.from + by, to: view.to + by }, false);
  };
  const zoom = (factor) => {
    const middle = (view.from + view.to) / 2;
    const half = ((view.to - view.from) * factor) / 2;
    set({ from: middle - half, to: middle + half }, false);
  };
  const ACTIONS = {
    earlier: () => pan(-0.25),
    later: () => pan(0.25),
    closer: () => zoom(0.5),
    wider: () => zoom(2),
    whole: reset,
  };

  function toTimeline() {
    if (location.hash.startsWith('#t=')) document.getElementById('timeline').scrollIntoView({ block: 'start' });
  }

  addEventListener('hashchange', () => {
    // Back to before the zoom; a link to another section leaves it.
    if (location.hash.startsWith('#t=') || location.hash === '' || location.hash === '#timeline') show(addressed());
    toTimeline();
  });
  view = addressed();
  addEventListener('load', toTimeline);

  return {
    timeline,
    whole,
    get view() {
      return view;
    },
    follow(follower) {
      followers.push(follower);
      follower(view);
    },
    set,
    reset,
    pan,
    zoom,
    act: (name) => ACTIONS[name]?.(),
    bandAt: (at) => timeline.bands.find(({ from, to }) => at >= from && at < to),
    /** A time with its place in the release, as the charts name it. */
    placeText(at) {
      const band = zdd.bandAt(at);
      return at.toFixed(1) + ' s' + (band ? '  ' + band.label + ' +' + (at - band.from).toFixed(1) + ' s' : '');
    },
    /** What ended at a moment, as far as the timeline has it. */
    valuesText(at) {
      const { columns, forMs } = timeline;
      const i = columns.at.indexOf(Math.floor((at * 1000) / forMs) * forMs);
      if (i === -1) return 'nothing ended here';
      const ms = (value) => (value === null ? '-' : value >= 1000 ? (value / 1000).toFixed(2) + ' s' : value + ' ms');
      const middle = (columns.at[i] + forMs / 2) / 1000;
      const byCause = timeline.chart.data.datasets.filter(({ type }) => type === 'bar').flatMap(({ label, data }) => {
        const place = timeline.axes[data.axis].findIndex((x) => Math.abs(x - middle) < 0.001);
        return place === -1 ? [] : ['  ' + data.y[place] + ' ' + label];
      });
      const latency = 'p50 ' + ms(columns.p50[i]) + '  p99 ' + ms(columns.p99[i]) + '  max ' + ms(columns.max[i]);
      return [columns.requests[i] + ' requests, ' + columns.failed[i] + ' failed', ...byCause, latency].join('\\n');
    },
    element(name, properties, ...children) {
      const made = Object.assign(document.createElement(name), properties);
      made.append(...children);
      return made;
    },
  };
})();
`;
