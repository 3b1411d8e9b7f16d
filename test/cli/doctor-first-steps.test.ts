import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { firstSteps } from '../../src/cli/doctor/first-steps.js';
import { emptyFolder } from '../setup/empty-folder.js';

describe('what doctor says where no scenario is named', () => {
  it('names the scenarios that are in the folder', async () => {
    const dir = await emptyFolder();
    await mkdir(join(dir, 'deploy'));
    const text =
      'version: 1\nname: shop\ntarget: { url: http://127.0.0.1:8080 }\ntraffic: { rate: 50/s, mix: [{ get: / }] }\n';
    await writeFile(join(dir, 'deploy/zdd.yaml'), text);
    await writeFile(join(dir, 'compose.yaml'), 'version: 1\nservices: {}\n');
    expect((await firstSteps(dir, {})).at(-1)).toBe('  zdd-verify doctor deploy/zdd.yaml');
    expect((await firstSteps(dir, { npm_command: 'exec' })).at(-1)).toBe('  npx zdd-verify doctor deploy/zdd.yaml');
  });

  it('shows what init would begin with', async () => {
    const dir = await emptyFolder();
    await writeFile(join(dir, 'deploy.sh'), '#!/bin/sh\n');
    const lines = await firstSteps(dir, {});
    expect(lines).toContain('  release      ./deploy.sh  (deploy.sh:1)');
    expect(lines.at(-1)).toMatch(/^ {2}zdd-verify init /);
  });

  it('says how to begin where there is nothing', async () => {
    expect((await firstSteps(await emptyFolder(), {})).join('\n')).toMatch(/init [\s\S]*run --url[\s\S]*demo/);
  });
});
