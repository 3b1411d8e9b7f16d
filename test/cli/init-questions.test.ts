import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadScenario } from '../../src/scenario/load.js';
import { emptyFolder } from '../setup/empty-folder.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ENTER = '\r';
const CTRL_C = '\u0003';
const CLEAR = '\u0015';

describe('init on a terminal', () => {
  it('asks, with what it found as the answers, and writes a scenario that can be run', async () => {
    const dir = await projectFolder();
    const { status, screen } = await talk(dir, [
      ['How is a release made?', ENTER],
      ['Where do users connect?', ENTER],
      ['Which route says', ENTER],
      ['What names the release', `X-Shop-Version${ENTER}`],
      ['The command that releases', ENTER],
      ['The command that takes it back', `./undo.sh${ENTER}`],
    ]);
    expect(status).toBe(0);
    expect(screen).toContain('http://127.0.0.1:8080  (nginx.conf:3)');
    expect(screen).toContain('(e.g. x-release, or $.version)');
    expect(screen).toMatch(/OLD release is live[\s\S]*rehearsal rollback-forward/);
    expect(screen).toMatch(/zdd-verify doctor scenario\.yaml[\s\S]*zdd-verify run scenario\.yaml/);
    const scenario = await loadScenario(join(dir, 'scenario.yaml'), { env: {} });
    expect(scenario.target.url).toBe('http://127.0.0.1:8080');
    expect(scenario.rollback[0]?.run).toBe('./undo.sh');
    expect(await readFile(join(dir, 'scenario.yaml'), 'utf8')).toContain('version: { header: x-shop-version }');
  });

  it('asks for what a strategy cannot do without', async () => {
    const dir = await projectFolder();
    const { status } = await talk(dir, [
      ['How is a release made?', `\u001b[B${ENTER}`],
      ['Where do users connect?', `${CLEAR}http://127.0.0.1:9090${ENTER}`],
      ['Which route says', `${CLEAR}/readyz${ENTER}`],
      ['What names the release', ENTER],
      ['green: ', `127.0.0.1:3002${ENTER}`],
      ['start: ', `./start.sh "$ADDRESS"${ENTER}`],
    ]);
    expect(status).toBe(0);
    const scenario = await loadScenario(join(dir, 'scenario.yaml'), { env: { RELEASE: 'v2' } });
    expect(scenario.target.url).toBe('http://127.0.0.1:9090');
    expect(JSON.stringify(scenario.effective)).toContain('127.0.0.1:3002');
  });

  it('ends with 130 at Ctrl-C, and leaves nothing behind', async () => {
    const dir = await projectFolder();
    const { status, screen } = await talk(dir, [
      ['How is a release made?', ENTER],
      ['Where do users connect?', CTRL_C],
    ]);
    expect(status).toBe(130);
    expect(screen).toContain('nothing was written');
    expect((await readdir(dir)).sort()).toEqual(['deploy.sh', 'nginx.conf']);
  });

  it.each([['--yes'], ['--preset', 'rolling']])('asks nothing with %s', async (...flags) => {
    const dir = await projectFolder();
    const { status, screen } = await talk(dir, [], flags);
    expect(status).toBe(0);
    expect(screen).not.toContain('?');
    expect(await readdir(dir)).toContain('scenario.yaml');
  });
});

async function projectFolder(): Promise<string> {
  const dir = await emptyFolder();
  const upstream =
    'upstream app { server 127.0.0.1:3001; }\nserver {\n  listen 8080;\n  location / { proxy_pass http://app; }\n}\n';
  await writeFile(join(dir, 'nginx.conf'), upstream);
  await writeFile(join(dir, 'deploy.sh'), '#!/bin/sh\n', { mode: 0o755 });
  return dir;
}

/** `init` on a terminal of its own; each answer is typed once its question stands on the screen. */
async function talk(dir: string, answers: readonly (readonly [string, string])[], flags: readonly string[] = []) {
  const words = [process.execPath, MAIN, 'init', ...flags].map((word) => `'${word}'`).join(' ');
  const child: ChildProcess = spawn('script', ['-qec', `stty rows 40 cols 120; ${words}`, '/dev/null'], {
    cwd: dir,
    env: { ...process.env, TERM: 'xterm', CI: undefined, NO_COLOR: undefined },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const left = [...answers];
  let screen = '';
  let unread = '';
  child.stdout?.on('data', (chunk) => {
    screen += chunk;
    unread += chunk;
    const [next] = left;
    // The cursor is hidden while a question waits: what is typed before is not yet its answer.
    if (next === undefined || !unread.includes(next[0])) return;
    unread = '';
    left.shift();
    child.stdin?.write(next[1]);
  });
  const [status] = await once(child, 'close');
  return { status, screen: screen.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '') };
}
