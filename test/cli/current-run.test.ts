import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { currentRun, forgetOver, pointTo } from '../../src/cli/current-run.js';
import { statedRelease } from '../../src/cli/stop.js';
import { writeEnded, writeStarted, writeStop } from '../../src/conductor/started-run.js';

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'zdd-current-'));
});
afterEach(() => rmSync(out, { recursive: true }));

async function started(name: string, target: string): Promise<string> {
  const dir = join(out, name);
  mkdirSync(dir);
  await writeStarted(dir, target);
  await pointTo(dir, target);
  return dir;
}

async function over(dir: string): Promise<void> {
  await writeStop(dir, { release: null, holdMs: 0 });
  await writeEnded(dir, 99);
}

const found = (env: NodeJS.ProcessEnv = {}): string => currentRun(undefined, out, env).dir;

describe('the run that mark and stop mean', () => {
  it('is the one that was started in the folder', async () => {
    const dir = await started('20260101-000000-aaaaaa', 'http://a');
    expect(found()).toBe(dir);
    expect(currentRun(undefined, out, {}).started).toMatchObject({ pid: process.pid, target: 'http://a' });
  });

  it('is the one that is still open, also where a later one is over', async () => {
    const open = await started('20260101-000000-aaaaaa', 'http://a');
    await over(await started('20260102-000000-bbbbbb', 'http://b'));
    expect(found()).toBe(open);
  });

  it('is the last one where all are over, until the next start', async () => {
    await over(await started('20260101-000000-aaaaaa', 'http://a'));
    const last = await started('20260102-000000-bbbbbb', 'http://b');
    await over(last);
    expect(found()).toBe(last);
    forgetOver(out);
    expect(() => found()).toThrow('no run was started');
  });

  it('is not chosen by chance: two that are open are both named', async () => {
    const a = await started('20260101-000000-aaaaaa', 'http://a');
    const b = await started('20260102-000000-bbbbbb', 'http://b\u001b[2J');
    expect(() => found()).toThrow(new RegExp(`2 runs are under way[^]*${a}  http://a\n[^]*${b}  http://b$`));
    forgetOver(out);
    expect(found({ ZDD_RUN: b })).toBe(b);
    expect(currentRun(a, out, { ZDD_RUN: b }).dir).toBe(a);
  });

  it('is the newer one of the same target', async () => {
    await started('20260101-000000-aaaaaa', 'http://a');
    const newer = await started('20260102-000000-bbbbbb', 'http://a');
    expect(found()).toBe(newer);
    expect(readdirSync(join(out, '.current'))).toHaveLength(1);
  });

  it.each([
    ['nonsense'],
    ['{"run":"../../etc","target":"x"}'],
    ['{"run":"/etc","target":"x"}'],
    ['{"run":"missing","target":"x"}'],
    ['{"run":7}'],
    [''],
  ])('is not what a damaged pointer says: %j', async (content) => {
    const dir = await started('20260101-000000-aaaaaa', 'http://a');
    writeFileSync(join(out, '.current', 'other.json'), content);
    expect(found()).toBe(dir);
    rmSync(dir, { recursive: true });
    expect(() => found()).toThrow('no run was started');
  });

  it('has to be one that start began', () => {
    expect(() => found({ ZDD_RUN: out })).toThrow('not the directory of a run that `start` began');
    expect(() => found({ ZDD_RUN: join(out, 'nowhere') })).toThrow('there is no');
    writeFileSync(join(out, 'started.json'), '{"pid":-1,"startTicks":null,"place":null,"target":""}');
    expect(() => found({ ZDD_RUN: out })).toThrow('not the directory of a run that `start` began');
  });
});

describe('what is said of the release', () => {
  it.each([
    ['completed', 'completed'],
    // What a job that went well rolled back, its marks say.
    ['SUCCESS', null],
    ['failure', 'failed'],
    ['failed', 'failed'],
    ['Canceled', 'failed'],
    ['rolled-back', 'rolled-back'],
    ['rollback-failed', 'rollback-failed'],
  ])('%s is %s', (word, state) => {
    expect(statedRelease(word)).toBe(state);
  });

  it.each(['', 'ok', 'constructor', 'toString'])('%j is not understood', (word) => {
    expect(() => statedRelease(word)).toThrow('--release does not know');
  });
});
