import { describe, expect, it } from 'vitest';
import { confusionOf, missesOf, type Scored, tableOf } from './score.ts';

const one = (name: string, unsafe: boolean, flagged: boolean, holdout = false): Scored => ({
  name,
  major: '15',
  holdout,
  unsafe,
  flagged: { check: flagged, 'check with schema': flagged, 'check + trace': unsafe },
  said: { check: [], 'check with schema': [], 'check + trace': [] },
});
const scored = [
  one('caught', true, true),
  one('missed', true, false),
  one('passed', false, false, true),
  one('flagged', false, true, true),
];

describe('the score', () => {
  it('counts what is caught of the unsafe and flagged of the safe', () => {
    expect(confusionOf(scored, 'check')).toEqual({ unsafe: 2, caught: 1, safe: 2, falselyFlagged: 1 });
    expect(confusionOf(scored, 'check + trace')).toEqual({ unsafe: 2, caught: 2, safe: 2, falselyFlagged: 0 });
  });

  it('names what is wrong', () => {
    expect(missesOf(scored, 'check').map(({ name }) => name)).toEqual(['missed', 'flagged']);
    expect(missesOf(scored, 'check + trace')).toEqual([]);
  });

  it('is a table of the ways by the parts', () => {
    const lines = tableOf(scored).split('\n');
    expect(lines).toContain('| check | all | 1 of 2 (50.0 %) | 1 | 1 of 2 (50.0 %) | 1 |');
    expect(lines).toContain('| check | PostgreSQL 15 | 1 of 2 (50.0 %) | 1 | 1 of 2 (50.0 %) | 1 |');
    expect(lines).toContain('| check | held out | 0 of 0 (-) | 0 | 1 of 2 (50.0 %) | 1 |');
    expect(lines).toContain('| check + trace | not held out | 2 of 2 (100.0 %) | 0 | 0 of 0 (-) | 0 |');
  });
});
