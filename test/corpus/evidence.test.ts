import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.ts';
import type { Evidence } from './cases.ts';
import { examine, examineListener } from './evidence.ts';
import { exampleEvidence, exampleRun } from './example.ts';
import { judgedWindow } from './result.ts';
import { newRecord, type Testimony } from './witness.ts';

const nothingSeen: Testimony = { ports: [], blind: [] };

async function stateOf(
  evidence: Evidence,
  files: Record<string, string>,
  run = exampleRun(),
): Promise<string | undefined> {
  const root = await emptyFolder();
  await mkdir(join(root, 'log'));
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'log', name), text);
  const window = judgedWindow(run);
  const [finding] = await examine([evidence], { root, testimony: nothingSeen, window, run });
  return finding?.state;
}

describe('evidence in a file', () => {
  const log = 'GET / 200\nGET / 502\nPOST / 200\nGET / 503 502\n';

  it.each([
    ['holds', { match: ' 50[0-9]', exactly: 2, atLeast: undefined }],
    ['contradicts', { match: ' 50[0-9]', exactly: 0, atLeast: undefined }],
    ['holds', { match: ' 50[0-9]', atLeast: 2 }],
    ['contradicts', { match: ' 50[0-9]', atLeast: 3 }],
    ['holds', { match: '^POST', atLeast: undefined, atMost: 1 }],
    ['contradicts', { match: '^GET', atLeast: 1, atMost: 2 }],
    ['holds', { match: '200$', exactly: 2, atLeast: undefined }],
  ])('%s by the lines that match: %o', async (state, limits) => {
    const evidence = exampleEvidence({ file: 'log/proxy.log', ...limits } as object);
    expect(await stateOf(evidence, { 'proxy.log': log })).toBe(state);
  });

  it('is counted over all files of that name', async () => {
    const evidence = exampleEvidence({ file: 'log/app-*.log', match: 'up', atLeast: 3 });
    expect(await stateOf(evidence, { 'app-1.log': 'up\nup', 'app-2.log': 'up\n', 'app.log': '' })).toBe('holds');
    expect(await stateOf(evidence, { 'app-1.log': 'up\nup', 'app.log': 'up' })).toBe('contradicts');
  });

  it('is unseen where there is no such file, even if nothing should be in it', async () => {
    const { atLeast: _, ...nothing } = exampleEvidence({ exactly: 0 });
    expect(await stateOf(nothing, {})).toBe('unseen');
    expect(await stateOf(nothing, { 'app.log': '' })).toBe('holds');
  });
});

describe('evidence of blocked time', () => {
  const line = (time: string, text: string): string =>
    `2026-01-01 00:00:${time} UTC [7] shop LOG:  process 7 ${text} on relation 1 of database 2 after`;
  const log = `${line('11.020', 'still waiting for AccessShareLock')} 20.0 ms\n${line('12.000', 'acquired AccessShareLock')} 1000.0 ms\n`;
  const evidence: Evidence = { claim: 'as the server says', blocked: { log: 'log/postgres.log', withinMs: 50 } };
  const seen = (startMs: number, endMs: number) =>
    exampleRun({ migration: { locks: [{ startMs, endMs, errorMs: 10 }] } });

  it('holds where run and server agree', async () => {
    expect(await stateOf(evidence, { 'postgres.log': log }, seen(11_010, 12_020))).toBe('holds');
    expect(await stateOf(evidence, { 'postgres.log': log }, seen(11_010, 12_120))).toBe('contradicts');
    expect(await stateOf(evidence, { 'postgres.log': '' }, seen(11_010, 12_020))).toBe('contradicts');
  });

  it('is about the time that is judged alone', async () => {
    const early = log.replaceAll('00:00:1', '00:00:0');
    expect(await stateOf(evidence, { 'postgres.log': early }, exampleRun({ migration: { locks: [] } }))).toBe('holds');
  });

  it('is unseen without a log, where the run looked for no locks, and where nothing is judged', async () => {
    expect(await stateOf(evidence, {}, seen(11_010, 12_020))).toBe('unseen');
    expect(await stateOf(evidence, { 'postgres.log': log })).toBe('unseen');
    expect(await stateOf(evidence, { 'postgres.log': log }, exampleRun({ phases: [] }))).toBe('unseen');
  });
});

describe('evidence of a listener', () => {
  const window = { from: 1000, to: 2000 };
  /** Looks every 10 ms; without a listener, or without a look, in these spans; another one after the latter. */
  function testimony(missing: [number, number], blind: [number, number] = [0, 0], socket?: string): Testimony {
    const record = newRecord(1);
    for (let at = 1000; at <= 2000; at += 10) {
      if (at > blind[0] && at < blind[1]) continue;
      const isMissing = at >= missing[0] && at < missing[1];
      record.look(at, [isMissing ? [] : [socket ?? `${at < blind[1]}`]]);
    }
    return record.testimony;
  }
  const judge = (limits: object, seen: Testimony): string => {
    const { state, disturbed } = examineListener({ claim: '', listener: 0, ...limits }, { testimony: seen, window });
    return disturbed ? `${state}, disturbed` : state;
  };

  it.each([
    ['holds', { gapAtLeastMs: 200 }, testimony([1500, 1800])],
    ['contradicts', { gapAtLeastMs: 400 }, testimony([1500, 1800])],
    ['contradicts', { gapAtLeastMs: 100 }, testimony([0, 0])],
    ['unseen, disturbed', { gapAtLeastMs: 100 }, testimony([0, 0], [1300, 1600])],
    ['holds', { gapAtMostMs: 0 }, testimony([0, 0])],
    ['contradicts', { gapAtMostMs: 0 }, testimony([1500, 1530])],
    ['holds', { gapAtMostMs: 500 }, testimony([1500, 1800])],
    ['contradicts', { gapAtMostMs: 100 }, testimony([1500, 1800])],
    ['unseen, disturbed', { gapAtMostMs: 0 }, testimony([0, 0], [1300, 1600])],
    ['holds', { gapAtMostMs: 0 }, testimony([0, 0], [1300, 1600], 'the same')],
  ])('%s: %o', (state, limits, seen) => {
    expect(judge(limits, seen)).toBe(state);
  });

  it('is unseen where the run has no judged time', () => {
    const evidence = { claim: '', listener: 0, gapAtMostMs: 0 };
    expect(examineListener(evidence, { testimony: testimony([0, 0]), window: null }).state).toBe('unseen');
  });
});
