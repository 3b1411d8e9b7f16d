import { describe, expect, it } from 'vitest';
import { RequestCounts } from '../../src/conductor/request-count.js';
import type { Outcome } from '../../src/model/outcome.js';
import { OK, REFUSED } from '../record/build-run.js';

const of = (flow: string, version: string | null, outcome: Outcome = OK) => ({ flow, version, outcome });

describe('a count of requests', () => {
  it('begins when it is asked for, and counts its share alone', () => {
    const counts = new RequestCounts();
    counts.sample(of('home', 'v2'));
    const all = counts.begin({ version: null, flow: null });
    const v2 = counts.begin({ version: 'v2', flow: null });
    const v2Home = counts.begin({ version: 'v2', flow: 'home' });
    for (const sample of [of('home', 'v1'), of('home', 'v2'), of('items', 'v2'), of('items', null, REFUSED)])
      counts.sample(sample);
    expect([all, v2, v2Home].map(({ count }) => count())).toEqual([4, 2, 1]);
    v2.stop();
    counts.sample(of('home', 'v2'));
    expect([all, v2, v2Home].map(({ count }) => count())).toEqual([5, 2, 2]);
  });

  it('leaves out what never reached the app', () => {
    const counts = new RequestCounts();
    const all = counts.begin({ version: null, flow: null });
    counts.sample(of('home', null, { kind: 'unsent', cause: 'cap', detail: '' }));
    counts.sample(of('home', null, { kind: 'blocked', status: 429, detail: '' }));
    expect(all.count()).toBe(0);
  });
});
