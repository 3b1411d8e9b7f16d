import { expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { timelineChart } from '../../src/report/chart.js';
import { renderHtml } from '../../src/report/html/report.js';
import { runJson } from '../../src/report/json.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { timelineOf } from '../../src/report/timeline.js';
import { watchSummaries } from '../../src/report/watch.js';
import { buildRun } from '../record/build-run.js';
import { looked, sees, session, value, waited, watchHeader } from '../record/observations.js';

// Phases: warmup 0-1000, baseline -6000, build -7000, migrate -9000, reload -14000, rollback -19000.

const INDEX = session(40, { application: 'alembic', statement: "create index on <orders> ('…')", holds: 'ShareLock' });

function locked() {
  const run = buildRun({
    watch: [watchHeader('postgres', 'db')],
    events: [
      sees(500),
      ...looked(1000, 19_000),
      value(8000, 'waiting', 1),
      value(8000, 'blocked_ms', 400),
      ...waited(7500, 7900, { waiting: session(7, { statement: 'insert into orders values ($1)' }), blocker: INDEX }),
    ],
    fate: ({ dueAt }) => ({ latencyMs: dueAt >= 7500 && dueAt < 7900 ? 7905 - dueAt : 3 }),
  });
  return { run, judgement: judge(run) };
}

it('waits for locks are in run.json, by wait and by phase', () => {
  const { run, judgement } = locked();
  const { migration, phases } = runJson(run, judgement);
  expect(migration).toMatchObject({
    locks: [
      {
        ...{ watch: 'db', phase: 'migrate', startMs: 7500, endMs: 7900, errorMs: 10.5, relation: 'orders' },
        ...{ mode: 'RowExclusiveLock', ofMigration: false, waiting: { pid: 7, application: 'shop' } },
        blocker: { pid: 40, application: 'alembic', statement: INDEX.statement, state: 'active', holds: 'ShareLock' },
      },
    ],
    ...{ blockedMs: 400, waitedMs: 0, locksDropped: 0, lookGapMs: 25 },
    lockPhases: [{ phase: 'migrate', blockedMs: 400, kind: 'held', sessions: 1, latency: { verdict: 'lock' } }],
  });
  expect(phases.map(({ name, blockedMs }) => [name, blockedMs])).toEqual([
    ...[
      ['baseline', 0],
      ['build', 0],
      ['migrate', 400],
      ['reload', 0],
      ['rollback', 0],
    ],
  ]);
  const without = buildRun();
  expect(runJson(without, judge(without)).phases[0]?.blockedMs).toBeNull();
});

it('many waits are cut to the longest', () => {
  const many = Array.from({ length: 300 }, (_, n) =>
    waited(7000 + n, 7001 + 2 * n, { waiting: session(n + 2) }),
  ).flat();
  const run = buildRun({ watch: [watchHeader('postgres', 'db')], events: [sees(1), ...looked(1000, 1000), ...many] });
  const { locks, locksDropped } = runJson(run, judge(run)).migration;
  expect(locks).toHaveLength(200);
  expect(locksDropped).toBe(100);
  expect(locks?.[0]?.startMs).toBe(7100);
});

it('waits for locks are a line of Markdown for each phase', () => {
  const { run, judgement } = locked();
  const text = renderMarkdown(run, judgement).replaceAll('\\', '');
  const [line] = /### Locks\n\n(.*)\n/.exec(text)?.slice(1) ?? [];
  expect(line).toMatch(
    /^- migrate: 1 session waited for orders, 400 ms in all \(± 11 ms\), because of alembic: create index/,
  );
  expect(line).toContain('the lock made requests slow');
  expect(line).not.toContain('<orders>');
  expect(renderMarkdown(buildRun(), judge(buildRun()))).not.toContain('### Locks');
});

it('the page has a table of them, and bars under the latencies', async () => {
  const { run, judgement } = locked();
  const page = await renderHtml(run, judgement);
  const section = /<section id="locks">([\s\S]*?)<\/section>/.exec(page)?.[1] ?? '';
  for (const text of [
    'migrate +0.50 s',
    '400 ms',
    'holds ShareLock',
    'insert into orders',
    'create index on &#60;orders&#62;',
  ])
    expect(section).toContain(text);
  expect(page.match(/sessions waited for a lock, 400 ms from/g)).toHaveLength(2);
  const none = buildRun();
  expect(await renderHtml(none, judge(none))).not.toMatch(/id="locks"|waits for locks/);
  const seen = buildRun({ watch: [watchHeader('postgres', 'db')], events: [sees(1), ...looked(1000, 19_000)] });
  expect(await renderHtml(seen, judge(seen))).toContain('No session was seen to wait for a lock.');
});

it('the chart has a panel for them only where there are some', () => {
  type Options = { scales: object; plugins: { annotation: { annotations: Record<string, object> } } };
  const optionsOf = ({ run, judgement }: ReturnType<typeof locked>) =>
    timelineChart(timelineOf(run, judgement)).options as unknown as Options;
  const { scales, plugins } = optionsOf(locked());
  expect(Object.keys(scales)).toEqual(['x', 'versions', 'locks', 'latency', 'failures', 'phases']);
  expect(plugins.annotation.annotations['lock-0']).toMatchObject({ yScaleID: 'locks', xMin: 7.5, xMax: 7.9 });
  expect(plugins.annotation.annotations['lock-latency-0']).toMatchObject({ yScaleID: 'latency' });
  const none = buildRun();
  expect(Object.keys(optionsOf({ run: none, judgement: judge(none) }).scales)).not.toContain('locks');
});

it('a watcher that looked says how many there were', () => {
  const { run } = locked();
  expect(watchSummaries(run)[0]?.texts).toContain('1 wait for locks, the longest 400 ms');
});
