import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CUT } from '../../src/model/cut.js';
import { type Command, startCommand } from '../../src/platform/command.js';
import { groupAlive } from '../../src/platform/process-group.js';
import { createRedactor } from '../../src/scenario/redact.js';

const env = process.env as Record<string, string>;
const started: Command[] = [];

async function start(run: string | string[], cwd = '/tmp'): Promise<{ command: Command; lines: string[] }> {
  const lines: string[] = [];
  const command = await startCommand({
    run,
    cwd,
    env,
    now: () => performance.now(),
    clean: (text) => text.replaceAll('secret-token', '[redacted]'),
    onLine: ({ text }) => lines.push(text),
  });
  started.push(command);
  return { command, lines };
}

afterEach(async () => {
  for (const command of started.splice(0)) await command.stop();
});

describe('a command', () => {
  it('gives both output streams in the order they were written', async () => {
    const { command, lines } = await start('echo one; echo two >&2; printf three');
    expect(await command.ended).toEqual({ exitCode: 0, signal: null, startError: null });
    await command.close();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  it('ends when its process exits, though a daemon it left behind still holds its output', async () => {
    const { command, lines } = await start('sleep 30 & echo started');
    await command.ended;
    await command.close();
    expect(lines).toEqual(['started']);
    expect(groupAlive(command.pid as number)).toBe(true);
  });

  it('leaves a daemon able to write to its output after the reader is gone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'zdd-daemon-'));
    const { command } = await start(
      `(until [ -e ${folder}/go ]; do sleep 0.01; done; echo one && echo two && touch ${folder}/wrote) & echo started`,
    );
    await command.ended;
    await command.close();
    await writeFile(join(folder, 'go'), '');
    await vi.waitFor(() => expect(existsSync(join(folder, 'wrote'))).toBe(true), 5000);
    await rm(folder, { recursive: true });
  });

  it('shows no part of a secret where a long line is cut', async () => {
    const { command, lines } = await start('printf "%01990d%s" 0 secret-token; printf "%070000d%s\\n" 0 secret-token');
    await command.ended;
    await command.close();
    expect(lines.join('')).toBe(`${'0'.repeat(1990)}[redacted]${'0'.repeat(70_000)}[redacted]`);
  });

  it('stops at the first failing command of a pipe', async () => {
    const { command, lines } = await start('false | cat; echo not reached');
    expect((await command.ended).exitCode).toBe(1);
    await command.close();
    expect(lines).toEqual([]);
  });

  it('runs a list without a shell', async () => {
    const { command, lines } = await start(['printf', '%s', '$HOME; echo no']);
    await command.ended;
    await command.close();
    expect(lines).toEqual(['$HOME; echo no']);
  });

  it('says which program was not found', async () => {
    const { command } = await start(['zdd-no-such-program']);
    expect(command.pid).toBeNull();
    expect((await command.ended).startError).toBe('the program zdd-no-such-program was not found');
    await command.close();
  });

  it('says which folder does not exist', async () => {
    const { command } = await start('true', '/tmp/zdd-no-such-folder');
    expect((await command.ended).startError).toBe('the folder /tmp/zdd-no-such-folder does not exist');
    await command.close();
  });

  it('ends the whole group of one that ignores SIGTERM and has children', async () => {
    const { command, lines } = await start('trap "" TERM; (trap "" TERM; sleep 60) & sleep 60 & echo up; wait; wait');
    await vi.waitFor(() => expect(lines).toEqual(['up']), 5000);
    await command.stop();
    expect(await command.ended).toMatchObject({ signal: 'SIGKILL' });
    expect(groupAlive(command.pid as number)).toBe(false);
    await command.close();
  }, 15_000);

  it('cuts a line that never ends into pieces and drops a flood it cannot read, saying at least how much', async () => {
    const { command, lines } = await start('head -c 400000000 /dev/zero | tr "\\0" x');
    await command.ended;
    const { droppedBytes } = await command.close();
    const read = lines.reduce((sum, line) => sum + line.replaceAll(CUT, '').length, 0);
    expect(droppedBytes).toBeGreaterThan(0);
    expect(read + droppedBytes).toBeLessThanOrEqual(400_000_000);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2000);
  }, 30_000);

  it('shows no part of a secret where it drops a flood', async () => {
    const secret = ['a', 'b', 'c'].map((text) => createHash('sha512').update(text).digest('base64url')).join('.');
    const lines = new Set<string>();
    const command = await startCommand({
      run: `yes '${secret}' | head -c 400000000`,
      ...{ cwd: '/tmp', env, now: () => 0, clean: createRedactor([secret]) },
      onLine: ({ text }) => lines.add(text),
    });
    started.push(command);
    await command.ended;
    expect((await command.close()).droppedBytes).toBeGreaterThan(0);
    // What was written last is no whole line, and not cut by us.
    const last = [...lines].at(-1) as string;
    for (const line of lines) {
      if (line !== last) expect(line.replaceAll('[redacted]', '').length, line).toBeLessThan(8);
    }
  }, 30_000);
});
