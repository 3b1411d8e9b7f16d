import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.ts';
import { endAll, mountsBelow, orphansOf } from './processes.ts';

describe.skipIf(process.platform !== 'linux')('what a case left running', () => {
  it.each([
    ['its environment', (root: string) => ({ env: { ...process.env, ROOT: root } }), 'sleep 60'],
    ['its folder', (root: string) => ({ cwd: root }), 'sleep 60'],
    ['its command line', () => ({}), 'exec bash -c "sleep 60; true" --data=ROOT/db'],
    ['a file it has open', () => ({}), 'exec 3<ROOT/file; sleep 60'],
  ])('is known by %s, and ended', async (_what, options, script) => {
    const root = await emptyFolder();
    await writeFile(join(root, 'file'), '');
    const child = spawn('bash', ['-c', `echo; ${script.replace('ROOT', root)}`], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
      ...options(root),
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    await once(child.stdout, 'data');
    const found = await orphansOf(root, 200);
    expect(found.map(({ pid }) => pid)).toContain(child.pid);
    expect(await orphansOf(`${root}x`, 0)).toEqual([]);
    expect(await endAll(found, root)).toEqual([]);
  });

  it('is nothing where nothing is', async () => {
    expect(await orphansOf(await emptyFolder(), 0)).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('what is mounted', () => {
  it('is found below a folder alone', () => {
    expect(mountsBelow('/proc/nowhere')).toEqual([]);
    expect(mountsBelow('')).toContain('/proc');
  });
});
