import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { initCommand } from '../../src/cli/init.js';
import type { ZddError } from '../../src/model/errors.js';
import { loadScenario } from '../../src/scenario/load.js';
import { STRATEGY_NAMES } from '../../src/scenario/strategies/registry.js';
import { emptyFolder } from '../setup/empty-folder.js';

let stdout = '';
beforeEach(() => {
  stdout = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const init = (...args: string[]) => initCommand().parseAsync(args, { from: 'user' });
const refused = (...args: string[]): Promise<ZddError> =>
  init(...args).then(
    () => {
      throw new Error('it was not refused');
    },
    (error: ZddError) => error,
  );

describe('init', () => {
  it.each(STRATEGY_NAMES)('writes a valid scenario for %s, and its path on stdout', async (name) => {
    const dir = join(await emptyFolder(), 'new', 'folder');
    await init('--preset', name, '--dir', dir);
    const file = join(dir, 'scenario.yaml');
    expect(stdout).toBe(`${file}\n`);
    const scenario = await loadScenario(file, { env: { RELEASE: 'abc123' } });
    expect(scenario.vars.RELEASE).toBe('abc123');
    expect(scenario.steps.length).toBeGreaterThan(2);
  });

  it('never writes over a file', async () => {
    const dir = await emptyFolder();
    await writeFile(join(dir, 'scenario.yaml'), 'mine');
    const error = await refused('--preset', 'rolling', '--dir', dir);
    expect(error).toMatchObject({ code: 'USAGE', message: expect.stringContaining('init never overwrites') });
    expect(await readFile(join(dir, 'scenario.yaml'), 'utf8')).toBe('mine');
  });

  it('lists the presets', async () => {
    await init('--list');
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([...STRATEGY_NAMES, '']);
  });

  it.each([
    [['--preset', 'rollin'], 'did you mean `rolling`?'],
    [['--ci', 'gitlb'], 'did you mean `gitlab`?'],
    [['--yes'], 'nothing here shows how the app is released'],
    [[], 'no terminal to ask on'],
  ])('refuses %j in an empty folder and says why', async (args, words) => {
    const dir = await emptyFolder();
    expect(await refused(...args, '--dir', dir)).toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining(words),
    });
    expect(await readdir(dir)).toEqual([]);
  });

  describe('with --ci', () => {
    const before = process.cwd();
    afterEach(() => process.chdir(before));

    it.each(['github', 'gitlab', 'jenkins'])('writes a scenario and the job of %s that runs it', async (system) => {
      process.chdir(await emptyFolder());
      await writeFile('deploy.sh', '#!/bin/sh\n');
      await init('--ci', system, '--dir', 'ops');
      const [scenario, job] = stdout.trim().split('\n') as [string, string];
      expect(scenario).toBe('ops/scenario.yaml');
      expect(await readFile(job, 'utf8')).toContain('ops/scenario.yaml');
    });

    it.each([
      ['github', '            RELEASE=${{ github.sha }}'],
      ['gitlab', '--set "RELEASE=$CI_COMMIT_SHA"'],
      ['jenkins', '--set "RELEASE=$GIT_COMMIT"'],
    ])('gives the release to the job of %s, and names what else is needed', async (system, line) => {
      process.chdir(await emptyFolder());
      const notes = vi.mocked(process.stderr.write);
      await writeFile('deploy.sh', '#!/bin/sh\necho "$1"\n');
      await init('--ci', system);
      const [, job] = stdout.trim().split('\n') as [string, string];
      const text = await readFile(job, 'utf8');
      expect(text).toContain(line);
      expect(text).toContain('TODO: the scenario needs TARGET_URL');
      const said = notes.mock.calls.map(([words]) => words).join('');
      expect(said).toMatch(
        /RELEASE is the commit there[\s\S]*a value for TARGET_URL[\s\S]*runner has to reach the target/,
      );
    });

    it('asks that reports be ignored where there is a git and nothing ignores them', async () => {
      process.chdir(await emptyFolder());
      const notes = vi.mocked(process.stderr.write);
      await mkdir('.git');
      await writeFile('deploy.sh', '#!/bin/sh\n');
      await init('--yes');
      await writeFile('.gitignore', 'reports/\n');
      const said = () => notes.mock.calls.filter(([words]) => String(words).includes('.gitignore')).length;
      expect(said()).toBe(1);
      await init('--ci', 'gitlab');
      expect(said()).toBe(1);
    });

    it('writes the job alone for a scenario that is there', async () => {
      process.chdir(await emptyFolder());
      await writeFile('scenario.yaml', 'mine');
      await init('--ci', 'gitlab');
      expect(stdout.trim().split('\n')).toHaveLength(1);
      expect(await readFile('scenario.yaml', 'utf8')).toBe('mine');
    });

    it('writes nothing at all where the job is there already', async () => {
      process.chdir(await emptyFolder());
      await mkdir('.github/workflows', { recursive: true });
      await writeFile('.github/workflows/zdd-verify.yml', 'mine');
      await writeFile('deploy.sh', '#!/bin/sh\n');
      expect(await refused('--ci', 'github')).toMatchObject({ message: expect.stringContaining('never overwrites') });
      expect((await readdir('.')).sort()).toEqual(['.github', 'deploy.sh']);
    });
  });
});
