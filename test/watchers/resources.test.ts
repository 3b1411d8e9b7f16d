import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { folder, watching } from './drive.ts';

it('resources are shares between 0 and 1, once a second', async () => {
  const watched = watching('resources', { what: ['cpu', 'memory', 'disk', 'oom'], disk: folder() });
  const subjects = () => new Set(watched.all('value').map(({ subject }) => subject));
  await watched.until('all', () => subjects().size === 3);
  for (const { value, unit } of watched.all('value')) {
    expect(unit).toBe('share');
    expect(value).toBeGreaterThan(0);
    expect(value).toBeLessThanOrEqual(1);
  }
  expect(watched.all('blind')).toEqual([]);
});

it('a busy processor shows', async () => {
  const watched = watching('resources', { what: ['cpu'], disk: '/' });
  const busy = spawn(process.execPath, ['-e', 'const until = Date.now() + 3000; while (Date.now() < until);']);
  await once(busy, 'exit');
  await watched.until('a value', () => watched.all('value').length >= 2);
  const cores = (await import('node:os')).cpus().length;
  expect(Math.max(...watched.all('value').map(({ value }) => value))).toBeGreaterThan(0.5 / cores);
});

it('a disk that is not there is said', async () => {
  const watched = watching('resources', { what: ['disk'], disk: '/no/such/folder' });
  await watched.until('blind', () => watched.all('blind').length === 1);
  expect(watched.all('blind')[0]?.detail).toContain('ENOENT');
});

const GROUPS = '/sys/fs/cgroup/memory';
const mayLimit = process.getuid?.() === 0 && existsSync(join(GROUPS, 'memory.limit_in_bytes'));
if (!mayLimit) console.log('skipped: a limit on memory needs root and control groups of version 1');

it.runIf(mayLimit)('a process that the kernel kills for want of memory is seen', async () => {
  const group = join(GROUPS, `zdd-watch-${process.pid}`);
  mkdirSync(group);
  onTestFinished(() => rmdirSync(group));
  writeFileSync(join(group, 'memory.limit_in_bytes'), '40000000');
  const watched = watching('resources', { what: ['oom'], disk: '/' });
  await watched.sees();
  const grow = 'const all = []; for (;;) all.push(Buffer.alloc(4e6, 1))';
  const child = spawn('sh', ['-c', `echo $$ >${group}/cgroup.procs; exec "$0" -e "$1"`, process.execPath, grow]);
  const [, signal] = await once(child, 'exit');
  expect(signal).toBe('SIGKILL');
  await watched.until('the kill', () => watched.all('incident').length > 0);
  expect(watched.all('incident')[0]).toMatchObject({
    subject: 'oom',
    detail: expect.stringContaining('for want of memory'),
  });
});
