import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageDir } from '../../src/cli/package-info.js';
import { shippedScenarios } from '../../src/cli/scenarios.js';
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
    expect(await shippedScenarios(dir)).toEqual([
      { name: 'a-one', title: '', hypothesis: '', path: join(dir, 'a-one', 'scenario.yaml') },
      {
        name: 'b-two',
        title: 'A title.',
        hypothesis: 'It is expected to pass: zero downtime.',
        path: join(dir, 'b-two', 'scenario.yaml'),
      },
    ]);
  });

  it('is empty where there is no such folder', async () => {
    expect(await shippedScenarios('/nowhere/at/all')).toEqual([]);
  });

  it('finds a title and a hypothesis in everything that is shipped', async () => {
    const shipped = await shippedScenarios(join(packageDir(), 'scenarios'));
    expect(shipped.length).toBeGreaterThan(0);
    for (const { title, hypothesis } of shipped) {
      expect(title).not.toBe('');
      expect(hypothesis).not.toBe('');
    }
  });
});
