import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.ts';
import { readCases } from './cases.ts';

const good = {
  name: 'good',
  corpus: 'G01',
  set: {},
  verdict: 'zero-downtime',
  release: 'completed',
  exitCode: 0,
  evidence: [{ claim: 'nothing was refused', listener: 0, gapAtMostMs: 0 }],
};
const kill = {
  ...good,
  name: 'kill',
  corpus: 'B01',
  set: { BREAK: 'kill' },
  verdict: 'downtime',
  exitCode: [97, 99],
  step: 'switch',
};
const readme = `
| \`--set\` | mistake | step | verdict | exit |
|---|---|---|---|---|
| - | none | - | zero-downtime | 0 |
| \`BREAK=kill\` | killed \\| at once | switch | downtime | 99 |
`;

async function scenarios(files: Record<string, object>): Promise<string> {
  const dir = await emptyFolder();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(dir, name));
    await writeFile(join(dir, name, 'cases.json'), JSON.stringify(content));
    await writeFile(join(dir, name, 'README.md'), readme);
  }
  return dir;
}

const file = (...cases: object[]): object => ({ system: 'a proxy', needs: ['nginx'], root: false, cases });

describe('the cases', () => {
  it('are read by scenario, each with its mistake from the README', async () => {
    const dir = await scenarios({ beta: file(good, { ...kill, root: true }), alpha: file(good) });
    await mkdir(join(dir, 'shared'));
    expect(readCases(dir)).toMatchObject([
      { id: 'alpha/good', mistake: 'none', verdict: ['zero-downtime'], exitCode: [0], needs: ['nginx'], root: false },
      { id: 'beta/good', mistake: 'none' },
      { id: 'beta/kill', mistake: 'killed | at once', exitCode: [97, 99], step: ['switch'], root: true },
    ]);
  });

  it('are chosen by scenario, by name and by number', async () => {
    const dir = await scenarios({ alpha: file(good, kill), beta: file({ ...good, corpus: 'G02' }) });
    const idsOf = (...names: string[]): string[] => readCases(dir, names).map(({ id }) => id);
    expect(idsOf('alpha')).toEqual(['alpha/good', 'alpha/kill']);
    expect(idsOf('alpha/kill', 'beta')).toEqual(['alpha/kill', 'beta/good']);
    expect(idsOf('G02', 'alpha/kill')).toEqual(['alpha/kill', 'beta/good']);
    expect(() => idsOf('gamma')).toThrow('no case is called gamma; scenarios: alpha, beta');
    expect(() => idsOf('alpha/kil')).toThrow('no case is called alpha/kil');
  });

  it('of other scenarios are not looked at where a scenario is named', async () => {
    const dir = await scenarios({ alpha: file(good), broken: {} });
    expect(readCases(dir, ['alpha'])).toHaveLength(1);
    expect(() => readCases(dir)).toThrow(/broken.cases\.json/);
  });

  it.each([
    ['an unknown key', { ...good, verdicts: 'downtime' }],
    ['no evidence', { ...good, evidence: [] }],
    ['evidence without a limit', { ...good, evidence: [{ claim: 'a', file: 'log/a', match: 'b' }] }],
    [
      'evidence with two kinds of limit',
      { ...good, evidence: [{ claim: 'a', file: 'log/a', match: 'b', exactly: 1, atLeast: 1 }] },
    ],
    ['a file outside of ROOT', { ...good, evidence: [{ claim: 'a', file: '/etc/passwd', match: 'b', exactly: 1 }] }],
    ['a file above ROOT', { ...good, evidence: [{ claim: 'a', file: 'log/../../a', match: 'b', exactly: 1 }] }],
    ['a pattern that is none', { ...good, evidence: [{ claim: 'a', file: 'log/a', match: '(', exactly: 1 }] }],
    ['a listener beyond its ports', { ...good, evidence: [{ claim: 'a', listener: 10, gapAtMostMs: 0 }] }],
    ['blocked time without a limit', { ...good, evidence: [{ claim: 'a', blocked: { log: 'log/a' } }] }],
    [
      'blocked time in a log outside of ROOT',
      { ...good, evidence: [{ claim: 'a', blocked: { log: '../a', withinMs: 50 } }] },
    ],
    ['a bad deploy with the number of a good one', { ...kill, corpus: 'G02' }],
    ['a good deploy with the number of a bad one', { ...good, corpus: 'B02' }],
    ['downtime without a step', { ...kill, step: null }],
    ['an inconclusive one without its reason', { ...good, corpus: 'I01', verdict: 'inconclusive', exitCode: 98 }],
    ['a verdict that there is not', { ...good, verdict: 'pass' }],
  ])('are refused with %s', async (_what, wrong) => {
    const dir = await scenarios({ alpha: file(wrong) });
    expect(() => readCases(dir)).toThrow(/cases\.json/);
  });
});
