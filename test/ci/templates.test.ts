import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type CiSystem, ciFiles } from '../../src/cli/init-ci.js';
import { emptyFolder } from '../setup/empty-folder.js';
import { REPOSITORY, readAction } from './runner.js';

const trace = new NoOperationTraceWriter();
const SCENARIO = 'deploy/zdd.yaml';
/** Everything that could end a string in one of the three languages. */
const ODD = `deploy/it's "odd" \\ #: {x} {{y}}.yaml`;

function textOf(system: CiSystem, scenario = SCENARIO): string {
  const [file] = ciFiles(system, { scenario });
  return file?.text ?? '';
}

describe('action.yml', () => {
  const problemsOf = (content: string): string[] => {
    const { context } = parseAction({ name: 'action.yml', content }, trace);
    return context.errors.getErrors().map(({ message }) => message);
  };

  it('is an action to the parser of GitHub', async () => {
    const content = await readFile(join(REPOSITORY, 'action.yml'), 'utf8');
    expect(problemsOf(content)).toEqual([]);
    expect(problemsOf(content.replace('using: composite', 'using: compost'))).not.toEqual([]);
    expect(problemsOf(content.replace('shell: bash', 'shel: bash'))).not.toEqual([]);
  });

  it('has a use for each input and no other', async () => {
    const content = await readFile(join(REPOSITORY, 'action.yml'), 'utf8');
    const used = new Set([...content.matchAll(/\binputs\.([\w-]+)/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys((await readAction()).inputs).sort());
  });
});

describe('the workflow for GitHub', () => {
  const problemsOf = async (content: string): Promise<string[]> => {
    const { context, value } = parseWorkflow({ name: 'zdd-verify.yml', content }, trace);
    if (value !== undefined) await convertWorkflowTemplate(context, value);
    return context.errors.getErrors().map(({ message }) => message);
  };

  it.each([SCENARIO, ODD])('is one to the parser of GitHub, for %s', async (scenario) => {
    expect(await problemsOf(textOf('github', scenario))).toEqual([]);
    const { jobs } = parse(textOf('github', scenario));
    const step = jobs['zdd-verify'].steps.find(({ id }: { id?: string }) => id === 'release');
    expect(step.with).toEqual({ scenario });
    expect(step.uses).toBe('./.zdd-verify/node_modules/zdd-verify');
  });

  it('is one with its suggestions taken up as well', async () => {
    const all = textOf('github').replace(
      /^( +)# (?=set:|env:| {2}STAGING|- if:| {2}env:| {4}VERDICT| {2}run:)/gm,
      '$1',
    );
    expect(all).not.toBe(textOf('github'));
    expect(await problemsOf(all)).toEqual([]);
    expect(await problemsOf(textOf('github').replace('timeout-minutes', 'timeout'))).not.toEqual([]);
  });

  it('is one with what a scenario needs, and takes secrets from those of the repository', async () => {
    const needs = {
      variables: [
        { name: 'RELEASE', about: '' },
        { name: 'ROOT', about: 'the folder' },
      ],
      secrets: ['TOKEN'],
    };
    const [file] = ciFiles('github', { scenario: SCENARIO, needs: { ...needs, url: 'http://127.0.0.1:80' } });
    expect(await problemsOf(file?.text ?? '')).toEqual([]);
    const step = parse(file?.text ?? '').jobs['zdd-verify'].steps.find(({ id }: { id?: string }) => id === 'release');
    expect(step.with.set).toBe('RELEASE=${{ github.sha }}\n');
    expect(step.env).toEqual({ TOKEN: '${{ secrets.TOKEN }}' });
    expect(file?.text).toContain('# TODO: the scenario needs ROOT (the folder)');
    expect(file?.note).toMatch(/reads TOKEN[\s\S]*run on that machine/);
  });

  it('names only inputs that the action has, also in its suggestions', async () => {
    const { inputs } = await readAction();
    const named = [...textOf('github').matchAll(/^ {10}(?:# )?([a-z-]+):/gm)].map(([, name]) => name as string);
    for (const name of named.filter((each) => !['node-version', 'persist-credentials', 'group'].includes(each))) {
      expect(Object.keys(inputs)).toContain(name);
    }
  });
});

describe('the job for GitLab', { timeout: 120_000 }, () => {
  /** Checks by GitLab's own schema, and lists the jobs; what it says where it does not accept them. */
  async function jobsOf(text: string): Promise<{ jobs: Record<string, unknown>[]; refused: string }> {
    const folder = await emptyFolder();
    await writeFile(join(folder, '.gitlab-ci.yml'), 'include: [{ local: .gitlab-ci.zdd.yml }]\n');
    await writeFile(join(folder, '.gitlab-ci.zdd.yml'), text);
    await writeFile(join(folder, 'newer.mjs'), NEWER_SETS);
    const git = (...args: string[]) => spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
    git('init', '--quiet', '--initial-branch', 'main');
    git('remote', 'add', 'origin', 'https://gitlab.example/shop/web.git');
    git('add', '.');
    const author = ['-c', 'user.name=a', '-c', 'user.email=a@shop.example'];
    git(...author, '-c', 'commit.gpgsign=false', 'commit', '--quiet', '-m', 'one');
    const program = createRequire(import.meta.url).resolve('gitlab-ci-local/dist/index.js');
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', './newer.mjs', program, '--list-json', '--quiet'],
      { cwd: folder, encoding: 'utf8', env: { PATH: process.env.PATH, HOME: folder, NO_COLOR: '1' } },
    );
    const list = /^\[[\s\S]*^\]/m.exec(stdout)?.[0];
    return {
      jobs: list === undefined ? [] : JSON.parse(list),
      refused: list === undefined ? `${stdout}${stderr}` : '',
    };
  }

  it.each([SCENARIO, ODD])('is accepted by the schema of GitLab, for %s', async (scenario) => {
    const { jobs, refused } = await jobsOf(textOf('gitlab', scenario));
    expect(refused).toBe('');
    expect(jobs).toMatchObject([{ name: 'zdd-verify', stage: 'deploy', allow_failure: false }]);
    expect(parse(textOf('gitlab', scenario))['zdd-verify'].variables).toEqual({ ZDD_SCENARIO: scenario });
  });

  it('is accepted with its suggestion taken up as well, and not with a mistake', async () => {
    const lenient = textOf('gitlab').replace(/^ {2}# (?=allow_failure:| {2}exit_codes:)/gm, '  ');
    expect((await jobsOf(lenient)).jobs).toMatchObject([{ allow_failure: { exit_codes: [98] } }]);
    expect((await jobsOf(textOf('gitlab').replace('when: always', 'when: sometimes'))).refused).toContain('when');
  });
});

/** The checker is written for a newer Node than the oldest one that is supported here. */
const NEWER_SETS = `
const own = {
  union(other) { return new Set([...this, ...other]); },
  intersection(other) { return new Set([...this].filter((each) => other.has(each))); },
  difference(other) { return new Set([...this].filter((each) => !other.has(each))); },
  isSubsetOf(other) { return [...this].every((each) => other.has(each)); },
};
for (const [name, method] of Object.entries(own)) Set.prototype[name] ??= method;
`;

describe('the pipeline for Jenkins', () => {
  // No parser of declarative pipelines is to be had outside of Jenkins: its brackets and strings are read here.
  it.each([SCENARIO, ODD])('has balanced brackets outside of strings and comments, for %s', (scenario) => {
    const code = textOf('jenkins', scenario)
      .replace(/'''[\s\S]*?'''|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/\/.*$/gm, '')
      .replace(/[^()[\]{}'"]/g, '');
    let rest = code;
    for (let before = ''; before !== rest; ) {
      before = rest;
      rest = rest.replace(/\(\)|\[\]|\{\}/g, '');
    }
    expect(rest).toBe('');
  });

  it('holds the scenario as one string', () => {
    const [, string = ''] = /ZDD_SCENARIO = '((?:\\.|[^'\\])*)'/.exec(textOf('jenkins', ODD)) ?? [];
    expect(string.replace(/\\(.)/g, '$1')).toBe(ODD);
  });

  it('has shell scripts that a shell can read', () => {
    const scripts = [...textOf('jenkins').matchAll(/\bsh (?:'''([\s\S]*?)'''|'([^'\n]*)')/g)];
    expect(scripts).toHaveLength(4);
    for (const [, long, short] of scripts) {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: long ?? short, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  });
});

describe('files for a CI system', () => {
  it.each(['github', 'gitlab', 'jenkins'] as const)('are one for %s, with what is left to do', (system) => {
    const files = ciFiles(system, { scenario: SCENARIO });
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({
      path: expect.stringMatching(/^[\w./-]+$/),
      note: expect.stringMatching(/\.$|\}$/),
    });
    expect(files[0]?.text).toMatch(/zdd-verify@\d+\.\d+\.\d+/);
    expect(files[0]?.text.endsWith('\n')).toBe(true);
  });

  it.each(['a\nb.yaml', '${{ secrets.TOKEN }}.yaml', '$(id).yaml', '--out.yaml', '', 'a\u202Eb.yaml'])(
    'are not made for a scenario called %j',
    (scenario) => {
      expect(() => ciFiles('github', { scenario })).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );
});
