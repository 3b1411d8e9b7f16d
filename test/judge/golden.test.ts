import { describe, expect, it } from 'vitest';
import { judgeRecord } from '../../src/cli/results.js';
import { CAUSES } from '../../src/judge/causes/registry.js';
import { RUN_CAUSES } from '../../src/judge/causes/run-causes.js';
import { runJson } from '../../src/report/json.js';
import { expectedOf, recordNames, unpacked } from '../records/packed.ts';

describe('the record of a real run', () => {
  it.each(recordNames())('%s is judged as it was, twice with the same bytes', async (name) => {
    const { dir, remove } = unpacked(name);
    try {
      const first = await judgeRecord(dir);
      const second = await judgeRecord(dir);
      const { verdict, release, cause, findings } = first.judgement;
      const { from: _, ...expected } = expectedOf(name);
      expect({ verdict, release, cause: cause?.rule ?? null, step: cause?.phase ?? null }).toEqual(expected);
      expect(JSON.stringify(runJson(second.run, second.judgement))).toBe(
        JSON.stringify(runJson(first.run, first.judgement)),
      );
      if (verdict === 'zero-downtime') expect(findings.filter(({ severity }) => severity === 'breach')).toEqual([]);
      for (const finding of findings.filter(({ confidence }) => confidence !== undefined))
        expect(finding).toMatchObject({ evidence: expect.arrayContaining([expect.any(String)]) });
    } finally {
      remove();
    }
  });

  it('names only causes that there are', () => {
    const known = [...CAUSES, ...RUN_CAUSES].map(({ name }) => name);
    const named = recordNames().flatMap((name) => expectedOf(name).cause ?? []);
    expect(known).toEqual(expect.arrayContaining(named));
  });
});
