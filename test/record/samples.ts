import fc from 'fast-check';
import { LOST_CAUSES, type Outcome, UNSENT_CAUSES, WRONG_CAUSES } from '../../src/model/outcome.js';
import type { Sample } from '../../src/model/sample.js';
import { sample } from './build-run.js';
import { FLOWS } from './run-folder.js';

/** Texts with all that is special in CSV, JSON and UTF-8. */
export const TEXTS = ['v1', 'a "quoted", one', 'two\nlines\r\n', 'ÄÖ 日本 😀', '=1+1', ' ', 'x'.repeat(300)];

const detail = fc.constantFrom('', ...TEXTS);
const status = fc.integer({ min: 100, max: 599 });

export const anyOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('ok' as const), status }) },
  fc.record({ kind: fc.constant('wrong' as const), cause: fc.constantFrom(...WRONG_CAUSES), status, detail }),
  fc.record({
    kind: fc.constant('lost' as const),
    cause: fc.constantFrom(...LOST_CAUSES),
    status: fc.option(status),
    detail,
  }),
  fc.record({
    kind: fc.constant('retryable' as const),
    cause: fc.constantFrom(...LOST_CAUSES),
    status: fc.constant(null),
    detail,
  }),
  fc.record({ kind: fc.constant('blocked' as const), status, detail }),
  fc.record({ kind: fc.constant('unsent' as const), cause: fc.constantFrom(...UNSENT_CAUSES), detail }),
);

const time = fc.integer({ min: 0, max: 30_000_000 }).map((micros) => micros / 1000);

export const anySample: fc.Arbitrary<Sample> = fc.record({
  seq: fc.oneof(fc.nat(), fc.constant(2 ** 32), fc.constant(2 ** 40 + 17)),
  flow: fc.constantFrom(...FLOWS),
  connection: fc.constantFrom('fresh' as const, 'reused' as const),
  connectionId: fc.nat(),
  reuse: fc.nat(),
  idleMs: time,
  dueAt: time,
  sentAt: fc.option(time),
  connectedAt: fc.option(time),
  firstByteAt: fc.option(time),
  endedAt: time,
  outcome: anyOutcome,
  version: fc.option(fc.constantFrom(...TEXTS)),
  bytes: fc.oneof(fc.nat(), fc.constant(2 ** 33 + 1)),
  cached: fc.boolean(),
});

/** Plain samples, one after the other. */
export function plainSamples(count: number): Sample[] {
  return Array.from({ length: count }, (_, seq) => sample({ seq, dueAt: seq, version: seq < count / 2 ? 'v1' : 'v2' }));
}
