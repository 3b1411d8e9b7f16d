import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppendFile, writeAtomically } from '../../src/platform/files.js';
import { takeLock } from '../../src/platform/lock.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'zdd-files-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('an append file', () => {
  it('keeps the order of its lines over many flushes', async () => {
    const file = await AppendFile.create(join(dir, 'a'), 1, () => {});
    const lines = Array.from({ length: 5000 }, (_, index) => `line ${index}`);
    for (const [index, line] of lines.entries()) {
      file.line(line);
      if (index % 700 === 0) await file.flush();
    }
    await file.close();
    expect(await readFile(join(dir, 'a'), 'utf8')).toBe(`${lines.join('\n')}\n`);
  });

  it('refuses to add to a file that exists already', async () => {
    await writeFile(join(dir, 'a'), 'old');
    await expect(AppendFile.create(join(dir, 'a'), 1, () => {})).rejects.toThrow(/EEXIST/);
  });

  it.runIf(existsSync('/dev/full'))('reports a full disk once', async () => {
    const errors: string[] = [];
    const file = await AppendFile.open('/dev/full', 1000, (error) => errors.push(error.message));
    file.line('x');
    await file.flush();
    file.line('y');
    await file.close();
    expect(errors).toEqual([expect.stringContaining('ENOSPC')]);
  });
});

describe('writing a whole file', () => {
  it('leaves the old file and nothing else where the new one cannot be written', async () => {
    const path = join(dir, 'sub');
    await writeFile(path, 'old');
    await expect(writeAtomically(join(path, 'x'), 'new')).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['sub']);
  });
});

describe('the lock of a target', () => {
  const name = `test ${process.pid}`;

  it('is held by one process and can be taken again once released', () => {
    const lock = takeLock(name);
    expect(takeLock(name)).toEqual({ heldBy: process.pid });
    if ('release' in lock) lock.release();
    const again = takeLock(name);
    expect(again).toHaveProperty('release');
    if ('release' in again) again.release();
  });

  it('is won by one of several that find it held by a dead process', async () => {
    const script = `
      import { takeLock } from ${JSON.stringify(new URL('../../dist/platform/lock.js', import.meta.url).href)};
      const lock = takeLock(process.argv[1]);
      console.log('release' in lock ? 'got it' : 'held');
      process.stdin.resume().on('end', () => process.exit(0));
    `;
    const contend = () => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, name], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      return { child, said: once(child.stdout, 'data').then(([text]) => String(text).trim()) };
    };
    const first = contend();
    expect(await first.said).toBe('got it');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const rivals = [contend(), contend(), contend(), contend()];
    const said = await Promise.all(rivals.map((rival) => rival.said));
    for (const { child } of rivals) child.stdin.end();
    await Promise.all(rivals.map(({ child }) => once(child, 'exit')));
    expect(said.filter((word) => word === 'got it')).toHaveLength(1);
    const after = takeLock(name);
    expect(after).toHaveProperty('release');
    if ('release' in after) after.release();
  });
});
