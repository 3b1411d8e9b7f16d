import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { demoCommand } from '../../src/cli/demo.js';
import { packageDir } from '../../src/cli/package-info.js';
import { shippedCases, shippedScenarios } from '../../src/cli/scenarios.js';
import { emptyFolder } from '../setup/empty-folder.js';

describe('the list of scenarios', () => {
  it('has the comment on top of each scenario.yaml, in the order of the names', async () => {
    const dir = await emptyFolder();
    for (const name of ['b-two', 'a-one', 'no-scenario']) await mkdir(join(dir, name));
    await writeFile(join(dir, 'a-file'), '');
    await writeFile(join(dir, 'a-one', 'scenario.yaml'), 'version: 1\n# not on top\n');
    await writeFile(
      join(dir, 'b-two', 'scenario.yaml'),
      '# yaml-language-server: $schema=x\n# A title.\n#\n# It is expected to pass:\n# zero downtime.\n\nversion: 1\n',
    );
    const good = { name: 'good', set: {}, verdict: 'zero-downtime', release: 'completed', exitCode: 0 };
    await writeFile(
      join(dir, 'b-two', 'cases.json'),
      JSON.stringify({
        system: 'a proxy',
        needs: ['nginx'],
        root: false,
        cases: [{ ...good, corpus: 'G01', evidence: [] }],
      }),
    );
    expect(await shippedScenarios(dir)).toEqual([
      {
        name: 'a-one',
        title: '',
        hypothesis: '',
        path: join(dir, 'a-one', 'scenario.yaml'),
        system: null,
        needs: [],
        cases: [],
      },
      {
        name: 'b-two',
        title: 'A title.',
        hypothesis: 'It is expected to pass: zero downtime.',
        path: join(dir, 'b-two', 'scenario.yaml'),
        system: 'a proxy',
        needs: ['nginx'],
        cases: [good],
      },
    ]);
  });

  it('is empty where there is no such folder', async () => {
    expect(await shippedScenarios('/nowhere/at/all')).toEqual([]);
  });

  it('finds a title, a hypothesis, a system and cases in everything that is shipped', async () => {
    const shipped = await shippedScenarios(join(packageDir(), 'scenarios'));
    expect(shipped.length).toBeGreaterThan(0);
    for (const { name, title, hypothesis, system, cases } of shipped) {
      expect(title, name).not.toBe('');
      expect(hypothesis, name).not.toBe('');
      expect(system, name).toEqual(expect.any(String));
      expect(cases.length, name).toBeGreaterThan(1);
    }
  });
});

describe('the demo', () => {
  it('names every mistake it can make in its help', async () => {
    const { cases } = await shippedCases(join(packageDir(), 'scenarios', 'pm2-cluster'));
    const [option] = demoCommand().options;
    const named = option?.description.replace(/.*: /, '').split(', ');
    expect(named).toEqual(cases.filter(({ set }) => Object.keys(set).length > 0).map(({ name }) => name));
  });
});
