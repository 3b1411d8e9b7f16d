import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.js';
import { fakeGithub } from './fake-github.js';
import { packagedAction, readAction, runAction } from './runner.js';

/**
 * Stands in for the command: makes a run directory as `run` does, tells its arguments, ends as `HOW` says. What the
 * command itself does is in tests of its own.
 */
const COMMAND = `
import { mkdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
const argv = process.argv.slice(2);
const { HOW = '0', RUNNER_TEMP } = process.env;
writeFileSync(join(RUNNER_TEMP, 'argv-' + (argv.includes('--resume') ? 'undo' : argv[0])), JSON.stringify(argv));
const runJson = (change) => JSON.stringify({ cut: false, verdict: 'zero-downtime', release: 'completed', gate: 'pass', phases: [], ...change });
if (argv[0] === 'report') {
  const phases = [{ name: 'build', kind: 'build', role: 'release' }, { name: 'switch', kind: HOW.includes('early') ? 'build' : 'switch', role: 'release' }];
  writeFileSync(join(argv[1], 'run.json'), runJson({ cut: true, verdict: 'inconclusive', release: 'aborted', gate: 'inconclusive', phases }));
  writeFileSync(join(argv[1], 'summary.md'), '## the run was cut\\n');
  process.exit(0);
}
if (HOW === 'usage') process.exit(2);
const dir = join(argv[argv.indexOf('--out') + 1], '20261122-010203-abcdef');
mkdirSync(dir, { recursive: true });
mkdirSync(join(dir, 'steps'));
writeFileSync(join(dir, 'journal.ndjson'), '{"steps":[{"name":"to v2!","kind":"switch"}]}\\n');
if (HOW.includes('log')) writeFileSync(join(dir, 'steps', 'to-v2-.log'), '');
const end = (exitCode, change) => {
  writeFileSync(join(dir, 'run.json'), runJson(change));
  writeFileSync(join(dir, 'summary.md'), '## the summary\\n');
  process.exit(exitCode);
};
if (HOW.startsWith('killed') && !argv.includes('--resume')) process.kill(process.pid, 'SIGKILL');
if (HOW === 'waits') {
  process.on('SIGINT', () => end(130, { verdict: 'inconclusive', release: 'rolled-back', gate: 'inconclusive' }));
  setInterval(() => {}, 1000);
  writeSync(2, 'waiting as ' + process.pid + '\\n');
} else if (HOW.startsWith('killed')) end(98, { release: HOW === 'killed-stuck' ? 'rollback-failed' : 'rolled-back' });
else end(Number(HOW), HOW === '99' ? { verdict: 'downtime', gate: 'fail' } : {});
`;

async function prepared() {
  const folder = await emptyFolder();
  return { folder, actionPath: await packagedAction(folder, COMMAND) };
}

const argvOf = async (folder: string, command: string): Promise<string[]> =>
  JSON.parse(await readFile(join(folder, 'temp', `argv-${command}`), 'utf8')) as string[];
const EVERY_STEP = ['Prepare zdd-verify', 'Release under traffic', 'Read the results', 'Comment on the pull request'];

describe('the action', { timeout: 120_000 }, () => {
  it('puts no expression into a script', async () => {
    const { runs } = await readAction();
    for (const { run = '' } of runs.steps) expect(run).not.toContain('${{');
  });

  it('calls other actions by their major version, and runs each later step whatever came before', async () => {
    const { runs } = await readAction();
    const [, , ...later] = runs.steps;
    for (const { uses } of runs.steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
    for (const step of later) expect(step.if).toMatch(/^\$\{\{ always\(\) && /);
  });

  it('hands arguments over as they are, one a line, with no shell in between', async () => {
    const { folder, actionPath } = await prepared();
    const set = 'RELEASE=$(touch owned) `id` "x"\n\nNOTE=two words';
    const args = '--rate=50/s\n--quiet\n*';
    const ran = await runAction({ folder, actionPath, inputs: { scenario: 'deploy/my zdd.yaml', set, args } });
    const [run, , out, ...rest] = await argvOf(folder, 'run');
    expect([run, ...rest]).toEqual([
      ...['run', 'deploy/my zdd.yaml', '--set', 'RELEASE=$(touch owned) `id` "x"', '--set', 'NOTE=two words'],
      ...['--rate=50/s', '--quiet', '*'],
    ]);
    expect(ran.failed).toBe(false);
    expect(ran.outputs).toEqual({
      ...{ verdict: 'zero-downtime', release: 'completed', gate: 'pass', 'exit-code': '0' },
      'run-dir': join(out as string, '20261122-010203-abcdef'),
    });
    expect(ran.used).toEqual([
      {
        uses: 'actions/upload-artifact@v7',
        with: { name: 'zdd-verify', path: out, 'if-no-files-found': 'ignore', 'retention-days': '0' },
      },
    ]);
    expect(ran.steps.map(({ name }) => name)).toEqual(EVERY_STEP);
  });

  it('ends as the run does, and still uploads and comments', async () => {
    const { folder, actionPath } = await prepared();
    const github = await fakeGithub();
    await writeFile(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 7 } }));
    const env = {
      ...{ HOW: '99', GITHUB_GRAPHQL_URL: github.url, GITHUB_REPOSITORY: 'shop/web' },
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
    };
    const ran = await runAction({ folder, actionPath, inputs: { scenario: 'zdd.yaml' }, env });
    expect(ran.failed).toBe(true);
    expect(ran.steps.find(({ name }) => name === 'Release under traffic')?.exitCode).toBe(99);
    expect(ran.outputs).toMatchObject({ verdict: 'downtime', gate: 'fail', 'exit-code': '99' });
    expect(ran.used).toHaveLength(1);
    expect(github.comments[0]?.body).toBe('<!-- zdd-verify: release, deploy, zdd.yaml -->\n## the summary\n');
    expect(github.asked[0]?.token).toBe('Bearer token-of-the-job');
  });

  it('says the code of a command line that is wrong, where nothing was run', async () => {
    const { folder, actionPath } = await prepared();
    const ran = await runAction({ folder, actionPath, env: { HOW: 'usage' } });
    expect(ran.failed).toBe(true);
    expect(ran.outputs).toEqual({ verdict: '', release: '', gate: '', 'exit-code': '2', 'run-dir': '' });
    expect(ran.steps.map(({ name }) => name)).toEqual(EVERY_STEP.slice(0, 3));
  });

  it('leaves out comment and artifact where they are not wanted', async () => {
    const { folder, actionPath } = await prepared();
    const ran = await runAction({ folder, actionPath, inputs: { comment: 'false', artifact: '' } });
    expect(ran.used).toEqual([]);
    expect(ran.steps.map(({ name }) => name)).toEqual(EVERY_STEP.slice(0, 3));
  });

  it('lets the signal of a cancelled job reach the run itself', async () => {
    const { folder, actionPath } = await prepared();
    const ran = await runAction({
      ...{ folder, actionPath, inputs: { scenario: 'zdd.yaml' }, env: { HOW: 'waits' } },
      onStep: (name, child) => {
        if (name !== 'Release under traffic') return;
        child.stderr?.on('data', (chunk: string) => {
          // Signalled is the one process that was started, and it is the command by now.
          expect(chunk).toContain(`waiting as ${child.pid}`);
          child.kill('SIGINT');
        });
      },
    });
    expect(ran.outputs).toMatchObject({ 'exit-code': '130', release: 'rolled-back' });
    expect(ran.failed).toBe(true);
  });

  it('undoes what a killed run left half way, with its variables, and says so', async () => {
    const { folder, actionPath } = await prepared();
    const ran = await runAction({
      ...{ folder, actionPath, env: { HOW: 'killed' } },
      inputs: { scenario: 'zdd.yaml', set: 'RELEASE=v2', args: '--rate=50/s' },
    });
    const [, , parent, ...undo] = await argvOf(folder, 'undo');
    expect(parent).toMatch(/\/zdd-verify-\w+\/rollback$/);
    expect(undo).toEqual(['zdd.yaml', '--set', 'RELEASE=v2', '--only', 'rollback', '--resume', ran.outputs['run-dir']]);
    expect(ran.outputs).toMatchObject({ verdict: 'inconclusive', release: 'aborted', 'exit-code': '' });
    expect(ran.failed).toBe(true);
    expect(ran.summary).toBe('## the run was cut\n\n');
    expect(ran.steps.find(({ name }) => name === 'Read the results')?.stdout).toBe(
      '::error title=zdd-verify::the run was killed and proves nothing; its release was left half way\n',
    );
  });

  it('says that somebody has to act where the rollback fails, or there is no scenario', async () => {
    const stuck = await prepared();
    const undo = async (folder: { folder: string; actionPath: string }, inputs: Record<string, string>) =>
      (await runAction({ ...folder, inputs, env: { HOW: 'killed-stuck' } })).steps.find(({ name }) =>
        name.startsWith('Undo'),
      );
    expect(await undo(stuck, { scenario: 'zdd.yaml' })).toMatchObject({
      exitCode: 98,
      stderr: expect.stringMatching(/by hand\n$/),
    });
    const wrapped = await prepared();
    expect(await undo(wrapped, { args: '--url=http://127.0.0.1\n--\n./deploy.sh' })).toMatchObject({
      ...{
        exitCode: 95,
        stderr: expect.stringMatching(/without a scenario there is no rollback to run: act by hand\n$/),
      },
    });
  });

  it('knows a step that began in the last moment by its log', async () => {
    const { folder, actionPath } = await prepared();
    const ran = await runAction({
      folder,
      actionPath,
      inputs: { scenario: 'zdd.yaml' },
      env: { HOW: 'killed-early-log' },
    });
    expect(ran.steps.find(({ name }) => name.startsWith('Undo'))?.exitCode).toBe(0);
  });

  it('moves no traffic after a run that was killed before it had moved any, nor where it is told not to', async () => {
    const early = await prepared();
    const steps = (await runAction({ ...early, inputs: { scenario: 'zdd.yaml' }, env: { HOW: 'killed-early' } })).steps;
    expect(steps.map(({ name }) => name)).toEqual(EVERY_STEP);
    const told = await prepared();
    const inputs = { scenario: 'zdd.yaml', 'rollback-when-killed': 'false' };
    expect((await runAction({ ...told, inputs, env: { HOW: 'killed' } })).steps.map(({ name }) => name)).toEqual(
      EVERY_STEP,
    );
  });

  it.each(['../evil', 'git+ssh://x', '-g', '1.0.0 && id', 'file:x'])(
    'installs nothing by the version %s',
    async (version) => {
      const { folder, actionPath } = await prepared();
      const ran = await runAction({ folder, actionPath, inputs: { version } });
      expect(ran.steps).toHaveLength(1);
      expect(ran.steps[0]).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('`version` is a version') });
    },
  );
});
