import { describe, expect, it } from 'vitest';
import type { ObservationEvent, WatchHeader, WatchRun } from '../../src/model/watch.js';
import { createFold } from '../../src/record/fold/fold.js';
import { buildRun, headerOf } from './build-run.js';
import { blind, life, lines, saw, sees, state, value, watchHeader } from './observations.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000.

function folded(header: WatchHeader, ...events: ObservationEvent[]): WatchRun {
  return buildRun({ watch: [header], events }).watchers[0] as WatchRun;
}

describe('what was watched', () => {
  it('is there in the order of the scenario, blind from the beginning where it never said that it sees', () => {
    const { watchers } = buildRun({
      watch: [watchHeader('link', 'current'), watchHeader('log')],
      events: [sees(700, 1)],
    });
    expect(watchers.map(({ name, blind: times }) => ({ name, blind: times }))).toEqual([
      { name: 'current', blind: [{ from: 0, to: null, detail: 'it never began to see' }] },
      { name: 'log', blind: [{ from: 0, to: 700, detail: 'it never began to see' }] },
    ]);
  });

  it('says what it waited for at first, and each time in which it did not see', () => {
    const { blind: times } = folded(
      watchHeader('log'),
      blind(500, 'there is no app.log'),
      sees(1_500),
      blind(8_000, 'no permission'),
      blind(8_100, 'said again'),
      sees(8_500),
    );
    expect(times).toEqual([
      { from: 0, to: 1_500, detail: 'there is no app.log' },
      { from: 8_000, to: 8_500, detail: 'no permission' },
    ]);
  });

  it('has states in their order, and processes with their begin and end', () => {
    expect(folded(watchHeader('link'), state(600, 'current', 'v1'), state(9_100, 'current', 'v2')).states).toEqual([
      { at: 600, subject: 'current', value: 'v1' },
      { at: 9_100, subject: 'current', value: 'v2' },
    ]);
    const began = { what: 'process-began', pid: 7, parent: 1, startedAt: -200, command: 'sh', main: false } as const;
    const { processes } = folded(
      watchHeader('processes'),
      saw(600, began),
      saw(700, { ...began, command: 'node app.js', main: true }),
      saw(9_000, { what: 'process-ended', pid: 7, aliveAt: 8_950 }),
      saw(9_100, { ...began, startedAt: 9_080 }),
    );
    expect(processes).toEqual([
      { pid: 7, parent: 1, startedAt: -200, endedAt: 9_000, aliveAt: 8_950, command: 'node app.js', main: true },
      { pid: 7, parent: 1, startedAt: 9_080, endedAt: null, aliveAt: null, command: 'sh', main: false },
    ]);
  });

  it('counts lines by the phase they came in, and keeps the first of each', () => {
    const many = Array.from({ length: 200 }, (_, n) => `line ${n}`);
    const watch = folded(
      watchHeader('log'),
      ...lines(500, 'error', ['before']),
      ...lines(2_000, 'error', ['in the baseline']),
      ...lines(9_500, 'error', many),
      ...lines(9_600, 'other', ['x']),
      ...lines(15_000, 'error', ['in the rollback']),
    );
    expect(watch.lineCounts).toEqual([
      { pattern: 'error', phase: -1, count: 1 },
      { pattern: 'error', phase: 1, count: 1 },
      { pattern: 'error', phase: 4, count: 200 },
      { pattern: 'other', phase: 4, count: 1 },
      { pattern: 'error', phase: 5, count: 1 },
    ]);
    expect(watch.lines).toHaveLength(54);
    expect(watch.lines.at(-1)?.text).toBe('in the rollback');
    expect(watch.dropped).toBe(0);
  });

  it('joins the points of a long series, and loses neither extreme nor rise', () => {
    const values = Array.from({ length: 5_000 }, (_, n) => value(n * 3, 'total', n === 2_500 ? 90_000 : n));
    const [series] = folded(watchHeader('metric'), sees(1), ...values).values;
    const points = series?.points ?? [];
    expect(points.length).toBeLessThan(1_200);
    expect(Math.max(...points.map(({ max }) => max))).toBe(90_000);
    expect(points.at(-1)).toMatchObject({ at: 4_999 * 3, last: 4_999 });
    // Up to 90,000, then as a counter that began again: what it shows.
    expect(points.reduce((sum, { increase }) => sum + increase, 0)).toBe(90_000 + 2_501 + (4_999 - 2_501));
  });

  it('is bounded, and says what was left out', () => {
    const states = Array.from({ length: 5_000 }, (_, n) => state(1_000 + n, 'current', `v${n}`));
    const incidents = Array.from({ length: 600 }, (_, n) =>
      saw(1_000 + n, { what: 'incident', subject: 'oom', detail: '' }),
    );
    const series = Array.from({ length: 70 }, (_, n) => value(1_000 + n, `series ${n}`, n));
    const flapping = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? blind(1_000 + n, 'x') : sees(1_000 + n)));
    const lives = Array.from({ length: 5_100 }, (_, n) => life(n + 2, 1_000, null)).flat();
    const watch = folded(watchHeader('resources'), sees(1), ...states, ...incidents, ...series, ...flapping, ...lives);
    expect(watch.states).toHaveLength(2_000);
    expect(watch.incidents).toHaveLength(500);
    expect(watch.values).toHaveLength(64);
    expect(watch.blind).toHaveLength(200);
    expect(watch.processes).toHaveLength(5_000);
    expect(watch.dropped).toBe(3_000 + 100 + 6 + 51 + 100);
  });

  it('survives values that are none, processes that never began and watchers that are not in the header', () => {
    const watch = folded(
      watchHeader('processes'),
      value(1_000, 'x', Number.NaN),
      saw(1_000, { what: 'process-ended', pid: 4, aliveAt: 900 }),
      saw(1_000, { what: 'sees' }, 9),
    );
    expect(watch).toMatchObject({ values: [], processes: [], blind: [{ to: null }] });
  });
});

it('a record of a version that could not watch has nothing', () => {
  const { watch: _, ...header } = headerOf({});
  expect(createFold(header as ReturnType<typeof headerOf>).finish().watchers).toEqual([]);
});
