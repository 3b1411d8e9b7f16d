import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyFolder } from '../setup/empty-folder.js';
import { type Comment, fakeGithub } from './fake-github.js';
import { REPOSITORY } from './runner.js';

interface Given {
  url: string;
  summary?: string;
  event?: object;
  env?: Record<string, string>;
}

async function comment({
  url,
  summary = '## Zero downtime\n',
  event = { pull_request: { number: 7 } },
  env = {},
}: Given) {
  const folder = await emptyFolder();
  await mkdir(join(folder, 'run'));
  await writeFile(join(folder, 'run/summary.md'), summary);
  await writeFile(join(folder, 'event.json'), JSON.stringify(event));
  const child = spawn(process.execPath, [join(REPOSITORY, 'ci/github/comment.mjs')], {
    env: {
      ...{ GITHUB_GRAPHQL_URL: url, GITHUB_REPOSITORY: 'shop/web', GITHUB_EVENT_PATH: join(folder, 'event.json') },
      ...{ GITHUB_SERVER_URL: 'https://github.com', GITHUB_RUN_ID: '42', ZDD_ACTION_RUN_DIR: join(folder, 'run') },
      ...{ INPUT_TOKEN: 'secret-token', INPUT_COMMENT_KEY: 'release, deploy, zdd.yaml', ...env },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
  });
  const exitCode = await new Promise((done) => child.on('close', done));
  return { exitCode, stdout };
}

const MARK = '<!-- zdd-verify: release, deploy, zdd.yaml -->';
const by = (login: string, body: string, id = login): Comment => ({ id, author: { login }, body });

describe('the comment on a pull request', { timeout: 60_000 }, () => {
  it('is written once and then brought up to date', async () => {
    const github = await fakeGithub();
    expect(await comment({ url: github.url, summary: '## first\n' })).toEqual({ exitCode: 0, stdout: '' });
    await comment({ url: github.url, summary: '## second\n' });
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toBe(
      `${MARK}\n## second\n\n<sub>[The job, with the whole report](https://github.com/shop/web/actions/runs/42)</sub>\n`,
    );
    expect(github.asked.map(({ kind }) => kind)).toEqual(['find', 'add', 'find', 'update']);
    expect(new Set(github.asked.map(({ token }) => token))).toEqual(new Set(['Bearer secret-token']));
  });

  it('is found on a later page, and never taken for one that somebody else wrote with its mark', async () => {
    const others = Array.from({ length: 120 }, (_, i) => by('someone', `${MARK}\nmine ${i}`, `X_${i}`));
    const own = by('github-actions', `${MARK}\nold`);
    const github = await fakeGithub({ comments: [...others, by('github-actions', '<!-- another -->'), own] });
    await comment({ url: github.url, summary: 'new\n' });
    expect(own.body).toContain('new');
    expect(github.comments).toHaveLength(122);
    expect(others.every(({ body }) => body.includes('mine'))).toBe(true);
  });

  it('stays under 60 kB at the end of a line, with a block of text closed', async () => {
    const github = await fakeGithub();
    const summary = `## head\n\n\`\`\`text\n${'█ a long line of a run 1234567890\n'.repeat(4000)}\`\`\`\n`;
    await comment({ url: github.url, summary });
    const body = github.comments[0]?.body ?? '';
    expect(Buffer.byteLength(body)).toBeLessThan(60_000);
    expect(Buffer.byteLength(body)).toBeGreaterThan(55_000);
    expect(body.match(/^```/gm)).toHaveLength(2);
    expect(body).toContain('The summary goes on in the report.');
    expect(body).toContain('actions/runs/42');
  });

  it('has a mark that no key can break out of', async () => {
    const github = await fakeGithub();
    await comment({ url: github.url, env: { INPUT_COMMENT_KEY: 'a --> <img src=x> -- b\n@everyone' } });
    expect(github.comments[0]?.body.split('\n')[0]).toBe('<!-- zdd-verify: a - img src x - b everyone -->');
  });

  it('is not asked for where there is no pull request', async () => {
    const github = await fakeGithub();
    expect(await comment({ url: github.url, event: { ref: 'refs/heads/main' } })).toEqual({ exitCode: 0, stdout: '' });
    expect(await comment({ url: github.url, event: { issue: { number: 7 } } })).toEqual({ exitCode: 0, stdout: '' });
    expect(github.asked).toEqual([]);
  });

  it('goes to the pull request that is named', async () => {
    const github = await fakeGithub();
    await comment({ url: github.url, event: {}, env: { INPUT_PULL_REQUEST: '7' } });
    expect(github.comments).toHaveLength(1);
    const { exitCode, stdout } = await comment({ url: github.url, env: { INPUT_PULL_REQUEST: '7; echo' } });
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: expect.stringContaining('`pull-request` is a number'),
    });
  });

  it.each([
    ['a token without the right', { data: null, errors: [{ message: 'Resource not accessible by integration' }] }],
    ['an answer that is an error', 403],
    ['a fault of theirs', 502],
  ])('fails no job: %s', async (_, refuse) => {
    const github = await fakeGithub({ refuse });
    const { exitCode, stdout } = await comment({ url: github.url });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^::warning title=zdd-verify::no comment on the pull request: [^\n]*\n$/);
    expect(stdout).not.toContain('secret-token');
    expect(stdout.includes('pull-requests: write')).toBe(refuse !== 502);
  });

  it('fails no job where nobody answers, or an error has line ends', async () => {
    expect(await comment({ url: 'http://127.0.0.1:9/graphql' })).toMatchObject({ exitCode: 0 });
    const github = await fakeGithub({ refuse: { errors: [{ message: 'x\n::error::owned\r\n100 %' }] } });
    const { stdout } = await comment({ url: github.url });
    expect(stdout.match(/^::/gm)).toHaveLength(1);
    expect(stdout).toContain('100 %25');
  });
});
