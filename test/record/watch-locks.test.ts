import { expect, it } from 'vitest';
import type { RunEvent } from '../../src/model/event.js';
import type { WatchRun } from '../../src/model/watch.js';
import { buildRun } from './build-run.js';
import { looked, saw, sees, session, value, waited, watchHeader } from './observations.js';

function locks(...events: RunEvent[]) {
  return (buildRun({ watch: [watchHeader('postgres', 'db')], events: [sees(500), ...events] }).watchers[0] as WatchRun)
    .locks;
}

it('a wait ends between the look that saw it last and the one that did not, and that is its error', () => {
  const found = locks(...looked(1000, 9000), ...waited(7000, 8200, { waiting: session(7), blocker: session(9) }));
  expect(found).toMatchObject({
    waits: [{ pid: 7, since: 7000, errorMs: 0.5, endAt: 8200, endErrorMs: 10, seenAt: 8190, blocker: { pid: 9 } }],
    dropped: 0,
    looks: expect.arrayContaining([expect.objectContaining({ gapMs: expect.any(Number) })]),
  });
});

it('one that nobody saw end has no end; said again it is known better', () => {
  const [wait] = waited(7000, null, { waiting: session(7) });
  const [better] = waited(7000, null, { waiting: session(7), blocker: session(9) });
  const lost = saw(7300, { what: 'lock-wait-ended', pid: 7, since: 7000, seenAt: 7280, goneAt: null });
  const found = locks(wait as NonNullable<typeof wait>, better as NonNullable<typeof better>, lost);
  expect(found?.waits).toMatchObject([{ endAt: null, seenAt: 7280, blocker: { pid: 9 } }]);
});

it('is bounded, and says how many more there were and how closely it looked', () => {
  const many = Array.from({ length: 6000 }, (_, n) => waited(6000 + n / 10, null, { waiting: session(n) })).flat();
  const found = locks(...many, ...looked(7000, 7000, { dropped: 4 }), ...looked(9000, 9000, { gapMs: 700 }));
  expect(found?.waits).toHaveLength(5000);
  expect(found?.dropped).toBe(1004);
  expect(found?.looks.at(-1)).toEqual({ from: 7000, to: 9000, gapMs: 700 });
});

it('is null where nobody looked for waits: a record of a version that did not', () => {
  expect(locks(value(1000, 'connections', 3))).toBeNull();
});

it('keeps latencies by the time requests were due where locks are watched, and nowhere else', () => {
  expect(buildRun().dueLatencies).toBeNull();
  const { dueLatencies, cells, warmup } = buildRun({
    watch: [watchHeader('postgres', 'db')],
    fate: ({ seq }) => ({ latencyMs: seq === 400 ? 900 : 2 }),
  });
  expect(dueLatencies?.counts.reduce((sum, count) => sum + count, 0)).toBe(
    cells.reduce((sum, { requests }) => sum + requests, 0),
  );
  expect(warmup.requests).toBeGreaterThan(0);
  const bin = dueLatencies?.logSums[Math.floor(8000 / (dueLatencies?.binMs ?? 1))];
  expect(bin).toBeCloseTo(Math.log(900), 4);
  expect(dueLatencies?.slowest.find(({ seq }) => seq === 400)).toEqual({
    ...{ seq: 400, phase: 3, flow: 'home', dueAt: 8000, endedAt: 8900 },
  });
});
