import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStat } from '../../src/platform/process-group.js';
import { emptyFolder } from '../setup/empty-folder.js';
import { packagedAction } from './runner.js';

/** Stands in for the command: `report` cannot read the record, and every rollback succeeds. */
const COMMAND = `
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
const argv = process.argv.slice(2);
if (argv[0] === 'report') process.exit(2);
const dir = join(argv[2], '20261122-020000-aaaaaa');
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, 'journal.ndjson'), '');
writeFileSync(join(dir, 'run.json'), JSON.stringify({ release: 'rolled-back', argv }));
process.exit(98);
`.trimStart();

const half = { cut: true, phases: [{ role: 'release', kind: 'switch' }] };

/** The run directories of a job: each with its name and its `run.json`, without one where that is null. */
async function undo(
  runs: [string, object | null][],
  scenario: string,
  { set = [] as string[], alive = null as object | null, command = COMMAND, files = {} as Record<string, string> } = {},
) {
  const folder = await emptyFolder();
  const path = await packagedAction(folder, command);
  const parent = join(folder, 'reports');
  for (const [name, results] of runs) {
    await mkdir(join(parent, name), { recursive: true });
    await writeFile(join(parent, name, 'journal.ndjson'), '{}\n');
    if (results !== null) await writeFile(join(parent, name, 'run.json'), JSON.stringify(results));
    if (alive !== null) await writeFile(join(parent, name, 'run.pid.json'), JSON.stringify(alive));
  }
  for (const [file, text] of Object.entries(files)) await writeFile(join(parent, file), text);
  const env = { PATH: process.env.PATH };
  const again = () =>
    spawnSync(process.execPath, [join(path, 'ci/undo.mjs'), parent, scenario, ...set], { encoding: 'utf8', env });
  const { status, stderr } = again();
  const undone = await readFile(join(parent, 'rollback/20261122-020000-aaaaaa/run.json'), 'utf8').catch(() => null);
  return { status, stderr, argv: undone === null ? null : (JSON.parse(undone).argv as string[]), parent, again };
}

describe('undo', { timeout: 60_000 }, () => {
  it('rolls the latest run back where it was killed half way', async () => {
    const { status, argv, parent } = await undo(
      [
        ['20261122-010000-bbbbbb', half],
        ['20261121-010000-cccccc', { cut: false, phases: [] }],
      ],
      'zdd.yaml',
      { set: ['--set', 'RELEASE=v2'] },
    );
    expect(status).toBe(0);
    expect(argv).toEqual([
      ...['run', '--out', join(parent, 'rollback'), 'zdd.yaml', '--set', 'RELEASE=v2'],
      ...['--only', 'rollback', '--resume', join(parent, '20261122-010000-bbbbbb')],
    ]);
  });

  it.each<[string, [string, object | null][]]>([
    ['nothing was run', []],
    ['the run ended by itself', [['20261122-010000-bbbbbb', { ...half, cut: false }]]],
    [
      'the run was killed in its build',
      [['20261122-010000-bbbbbb', { cut: true, phases: [{ role: 'release', kind: 'build' }] }]],
    ],
    [
      'an earlier run was killed',
      [
        ['20261121-010000-bbbbbb', half],
        ['20261122-010000-cccccc', { cut: false, phases: [] }],
      ],
    ],
  ])('does nothing where %s', async (_, runs) => {
    expect(await undo(runs, 'zdd.yaml')).toMatchObject({ status: 0, argv: null });
  });

  it('takes no earlier rollback for its own', async () => {
    const earlier = join('rollback', '20261101-010000-dddddd');
    const runs: [string, object][] = [
      [earlier, { release: 'rolled-back' }],
      ['20261122-010000-bbbbbb', half],
    ];
    const { status, stderr } = await undo(runs, 'zdd.yaml', { command: 'process.exit(2);\n' });
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('act by hand') });
  });

  it('undoes nothing twice', async () => {
    const { parent, again } = await undo([['20261122-010000-bbbbbb', half]], 'zdd.yaml');
    const { status, stderr } = again();
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('was undone already') });
    expect((await readdir(join(parent, 'rollback'))).length).toBe(1);
  });

  it('leaves a release alone that others make', async () => {
    const run = '20261122-010000-bbbbbb';
    expect(await undo([[run, half]], 'zdd.yaml', { files: { [`${run}/started.json`]: '{}' } })).toMatchObject({
      ...{ status: 0, argv: null },
    });
  });

  it('says that somebody has to look where the record cannot be read', async () => {
    const { status, stderr, argv } = await undo([['20261122-010000-bbbbbb', null]], 'zdd.yaml');
    expect({ status, argv }).toEqual({ status: 1, argv: null });
    expect(stderr).toMatch(/cannot be read: look after the release by hand\n$/);
  });

  it('leaves a run alone that is still going on, and not one whose number another process has', async () => {
    const here = { pid: process.pid, startTicks: startOf(process.pid) };
    const alive = await undo([['20261122-010000-bbbbbb', null]], 'zdd.yaml', { alive: here });
    expect(alive).toMatchObject({ status: 1, argv: null, stderr: expect.stringContaining('is still going on') });
    const reused = { pid: process.pid, startTicks: '1' };
    expect((await undo([['20261122-010000-bbbbbb', half]], 'zdd.yaml', { alive: reused })).argv).not.toBe(null);
  });
});

function startOf(pid: number): string | null {
  return readStat(pid)?.startTicks ?? null;
}
