import { describe, expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { RunEvent } from '../../src/model/event.js';
import type { Run } from '../../src/model/run.js';
import { renderHtml } from '../../src/report/html/report.js';
import { runJson } from '../../src/report/json.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { renderOpenMetrics } from '../../src/report/openmetrics.js';
import { watchSummaries } from '../../src/report/watch.js';
import { watchLanes } from '../../src/report/watch-lanes.js';
import { buildRun } from '../record/build-run.js';
import { blind, life, lines, saw, sees, state, value, watchHeader } from '../record/observations.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000.

const WATCH = [
  watchHeader('link', 'current', { of: '/srv/shop/current' }),
  watchHeader('processes', 'app', { on: 'web1' }),
  watchHeader('log', 'error.log', { requestErrors: ['upstream'] }),
  watchHeader('metric', 'orders'),
  watchHeader('haproxy', 'proxy'),
];
const EVENTS: RunEvent[] = [
  ...[0, 1, 2, 3].map((watch) => sees(400, watch)),
  state(500, '/srv/shop/current', 'v1'),
  state(9_200, '/srv/shop/current', 'v2'),
  ...life(11, -900, 9_900, { watch: 1 }),
  ...life(12, 9_300, null, { watch: 1 }),
  ...lines(9_500, 'upstream', ['connect() failed', 'again'], 2, 'zdd-7'),
  ...[2_000, 8_000, 18_000].map((at, n) => value(at, 'orders_total', n * 10, 3)),
  blind(300, 'nobody listens', 4),
  saw(10_000, { what: 'incident', subject: 'process', detail: 'reloaded' }, 4),
];
const watched = (): Run => buildRun({ watch: WATCH, events: EVENTS });

describe('what was watched, in the reports', () => {
  it('is a line of Markdown each', () => {
    const run = watched();
    const text = renderMarkdown(run, judge(run));
    expect(/### Watched\n\n([\s\S]*?)\n\n/.exec(text)?.[1]?.replaceAll('\\', '').split('\n')).toEqual([
      '- **current** (link): v1, from 9.2 s on v2',
      '- **app** (processes on web1): 1 process in the baseline, then 1 began and 1 ended',
      '- **error.log** (log): 2 upstream',
      '- **orders** (metric): orders_total: 0 to 20, at last 20',
      '- **proxy** (haproxy): 10.0 s: reloaded; not seen for 18.0 s: nobody listens',
    ]);
  });

  it('is in run.json, in short', () => {
    const run = watched();
    const { watch } = runJson(run, judge(run)) as { watch: Record<string, unknown>[] };
    expect(watch.map(({ kind }) => kind)).toEqual(['link', 'processes', 'log', 'metric', 'haproxy']);
    expect(watch[0]).toEqual({
      kind: 'link',
      name: 'current',
      of: '/srv/shop/current',
      on: null,
      states: [
        { atMs: 500, subject: '/srv/shop/current', value: 'v1' },
        { atMs: 9_200, subject: '/srv/shop/current', value: 'v2' },
      ],
      blind: [{ fromMs: 0, toMs: 400, detail: 'it never began to see' }],
      dropped: 0,
    });
    expect(watch[1]).toMatchObject({
      on: 'web1',
      processes: [{ pid: 11, startedMs: -900, endedMs: 9_900 }, { pid: 12 }],
    });
    expect(watch[2]).toMatchObject({
      counts: [{ pattern: 'upstream', phase: 'reload', count: 2 }],
      lines: [{ text: 'connect() failed', requestId: 'zdd-7' }, {}],
    });
    expect(watch[3]).toMatchObject({ values: [{ subject: 'orders_total', min: 0, max: 20, last: 20 }] });
    expect(watch[4]).toMatchObject({
      incidents: [{ detail: 'reloaded' }],
      blind: [{ toMs: null, detail: 'nobody listens' }],
    });
  });

  it('is in the metrics: lines by pattern, and the time that was not seen', () => {
    const run = watched();
    const text = renderOpenMetrics(run, judge(run));
    expect(text).toContain('zdd_watch_lines_total{watch="error.log",pattern="upstream"} 2\n');
    expect(text).toContain('zdd_watch_blind_seconds{watch="proxy"} 18\n');
    expect(text).toContain('zdd_watch_blind_seconds{watch="current"} 0\n');
  });

  it('has a section of its own on the page, with lanes on the time axis', async () => {
    const run = watched();
    const html = await renderHtml(run, judge(run));
    const section = /<section id="watched">([\s\S]*?)<\/section>/.exec(html)?.[1] ?? '';
    expect(section.match(/<svg /g)).toHaveLength(2);
    for (const text of ['v2, 9.8 s from +9.20 s', 'process 12: app 12', 'upstream: again', 'orders_total, up to 20'])
      expect(section).toContain(text);
    expect(await renderHtml(buildRun(), judge(buildRun()))).not.toContain('id="watched"');
  });

  it('tells of a platform that went back by itself, and of containers each on a lane of its own', () => {
    const message = 'update rolled back due to failure or early termination of task x';
    const run = buildRun({
      watch: [watchHeader('docker', 'web')],
      events: [
        sees(400),
        state(500, 'web.1 a (shop:v1)', 'running (healthy)'),
        state(9_000, 'web.1 b (shop:v2)', 'exited (137)'),
        saw(9_200, { what: 'incident', subject: 'web.1 b (shop:v2)', detail: 'b was killed' }),
        saw(9_500, {
          ...{ what: 'platform', platform: 'swarm', subject: 'web', act: 'rollback-started', byItself: true },
          ...{ from: 'shop:v2', to: 'shop:v1', message },
        }),
      ],
    });
    const judgement = judge(run);
    const text = `9.5 s: Docker Swarm began to roll back web by itself: ${message}`;
    expect(renderMarkdown(run, judgement)).toContain(text);
    const { watch } = runJson(run, judgement) as { watch: Record<string, unknown>[] };
    expect(watch[0]?.platform).toEqual([
      {
        ...{ atMs: 9_500, platform: 'swarm', subject: 'web', act: 'rollback-started', byItself: true },
        ...{ from: 'shop:v2', to: 'shop:v1', message },
      },
    ]);
    const { lanes } = watchLanes(run);
    expect(lanes.map(({ rows }) => rows[0]?.[0]?.tone)).toEqual(['good', 'bad']);
    expect(lanes.map(({ marks }) => marks.map(({ at }) => at))).toEqual([[9_500], [9_200, 9_500]]);
  });

  it('is nowhere where nothing is watched', () => {
    const run = buildRun();
    expect(renderMarkdown(run, judge(run))).not.toContain('Watched');
    expect(runJson(run, judge(run))).toMatchObject({ watch: [] });
    expect(renderOpenMetrics(run, judge(run))).not.toContain('zdd_watch');
  });
});

describe('the lanes', () => {
  it('tell old processes from new ones, and begin and end with the traffic', () => {
    const { lanes } = watchLanes(watched());
    const [link, app, log, orders, proxy] = lanes;
    expect(link?.rows[0]?.map(({ from, to, text }) => ({ from, to, text }))).toEqual([
      { from: 500, to: 9_200, text: 'v1' },
      { from: 9_200, to: 19_000, text: 'v2' },
    ]);
    expect(app?.rows.map(([bar]) => [bar?.from, bar?.to, bar?.tone])).toEqual([
      [0, 9_900, 'old'],
      [9_300, 19_000, 'new'],
    ]);
    expect(log?.marks.map(({ tone }) => tone)).toEqual(['bad', 'bad']);
    expect(orders?.line.map(({ share }) => share)).toEqual([0, 0.5, 1]);
    expect(proxy?.blind).toEqual([{ from: 0, to: 19_000, text: 'nobody listens' }]);
  });

  it('are bounded', () => {
    const events = Array.from({ length: 60 }, (_, n) => state(500, `shop/${n}`, 'UP'));
    const many = Array.from({ length: 100 }, (_, n) => life(n + 2, -900, null, { watch: 1 })).flat();
    const run = buildRun({
      watch: [watchHeader('haproxy'), watchHeader('processes', 'app')],
      events: [...events, ...many],
    });
    const { lanes, more } = watchLanes(run);
    expect(lanes).toHaveLength(24);
    expect(more).toBe(37);
    const [app] = watchLanes(
      buildRun({ watch: [watchHeader('processes', 'app')], events: many.map((e) => ({ ...e, watch: 0 })) }),
    ).lanes;
    expect(app).toMatchObject({ label: 'app, the first 48 of 100' });
    expect(watchSummaries(run)[0]?.texts.at(-2)).toBe('54 more');
  });
});
