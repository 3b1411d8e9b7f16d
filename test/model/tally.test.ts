import { describe, expect, it } from 'vitest';
import { emptyTally, sumTallies } from '../../src/model/tally.js';

describe('the sum of tallies', () => {
  it('of none is empty', () => {
    expect(sumTallies([])).toEqual(emptyTally());
  });

  it('adds every count, with keys in a fixed order and none for 0', () => {
    const one = { ...emptyTally(), requests: 5, ok: 2, failed: 2, blocked: 1, cached: 1 };
    const a = { ...one, byStatus: { 503: 1, 200: 2 }, byError: { 'unexpected-status': 1, refused: 1 } } as const;
    const other = { ...emptyTally(), requests: 2, ok: 1, retryable: 1, unsent: 3 };
    const b = { ...other, byStatus: { 200: 1, 204: 0 }, unsentBy: { ports: 1, late: 2 } } as const;
    const sum = sumTallies([b, a]);
    expect(sum).toEqual({
      ...{ requests: 7, ok: 3, failed: 2, retryable: 1, blocked: 1, cached: 1, unsent: 3 },
      byStatus: { 200: 3, 503: 1 },
      byError: { refused: 1, 'unexpected-status': 1 },
      unsentBy: { late: 2, ports: 1 },
    });
    expect(JSON.stringify(sum)).toBe(JSON.stringify(sumTallies([a, b])));
  });
});
