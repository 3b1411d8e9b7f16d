import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Command } from '../../src/platform/command.js';
import { groupAlive } from '../../src/platform/process-group.js';
import { type Ending, type RemoteCommandOptions, startRemoteCommand } from '../../src/platform/remote-command.js';
import { clockOf, probeHost } from '../../src/platform/remote-probe.js';
import { runOverSsh, sshShell } from '../../src/platform/ssh.js';
import { type Sshd, startSshd, whyNoSshd } from '../setup/sshd.js';

const missing = whyNoSshd();
let sshd: Sshd;
let folder: string;
const started: Command[] = [];
beforeAll(async () => {
  if (missing === null) sshd = await startSshd();
});
afterAll(() => sshd?.stop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-remote-'));
});
afterEach(async () => {
  for (const command of started.splice(0)) await command.stop();
  rmSync(folder, { recursive: true });
});

async function start(run: string | string[], rest: Partial<RemoteCommandOptions> = {}) {
  const lines: string[] = [];
  const command = await startRemoteCommand({
    host: sshd.host,
    run,
    cwd: folder,
    env: {},
    onLost: 'end',
    now: () => performance.now(),
    clean: (text) => text.replaceAll('secret-token', '[redacted]'),
    onLine: ({ text }) => lines.push(text),
    ...rest,
  });
  started.push(command);
  return { command, lines };
}

/** Runs to the end: how it ended, and what it wrote. */
async function run(what: string | string[], rest: Partial<RemoteCommandOptions> = {}) {
  const { command, lines } = await start(what, rest);
  const end = await command.ended;
  return { end, lines };
}

/** The number that the command wrote to `pid` in the folder. */
async function pidOf(name = 'pid'): Promise<number> {
  const file = join(folder, name);
  await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')).toBe(true), 5000);
  return Number(readFileSync(file, 'utf8'));
}

const endedWith = (exitCode: number) => ({ exitCode, signal: null, startError: null, lost: null });

describe.skipIf(missing !== null)(`a command on a host${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('gives its output, and its own exit code', async () => {
    const { end, lines } = await run('pwd; echo two >&2; printf three; exit 7');
    expect(end).toEqual(endedWith(7));
    expect(lines).toEqual([folder, 'two', 'three']);
  });

  it("that ends with ssh's own code for a failure is not taken for one", async () => {
    expect((await run('exit 255')).end).toEqual(endedWith(255));
  });

  it('stops at the first failing command of a pipe', async () => {
    const { end, lines } = await run('false | cat; echo not reached');
    expect(end.exitCode).toBe(1);
    expect(lines).toEqual([]);
  });

  it('as a list is run without a shell, each word as it is', async () => {
    const words = ["it's", '$HOME', 'a\nb', '', '--', '*', '"\\'];
    const { lines } = await run(['printf', '<%s>\\n', ...words]);
    expect(lines.join('\n')).toBe(words.map((word) => `<${word}>`).join('\n'));
  });

  it('whose program is not there says so', async () => {
    const { end, lines } = await run(['no-such-program', '--now']);
    expect(end).toEqual(endedWith(127));
    expect(lines.join(' ')).toMatch(/no-such-program/);
  });

  it('whose folder is not there is not started', async () => {
    const { end } = await run('touch began', { cwd: join(folder, 'no', 'such') });
    expect(end.startError).toBe('its folder does not exist on web1');
  });

  it('without a folder begins where the login does, and has no input', async () => {
    const { lines } = await run('cd; pwd; cd - >/dev/null; pwd; read line || echo "no input"', { cwd: null });
    expect(lines[0]).toBe(lines[1]);
    expect(lines[2]).toBe('no input');
  });

  it('finds variables that no command line there shows', async () => {
    const env = { TOKEN: "it's a 'secret-token' \\ $HOME\nsecond line", OTHER: '' };
    const { end, lines } = await run(
      'printf "%s|%s\\n" "$TOKEN" "${OTHER-unset}"; cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " " | grep -c "secret-tok[e]n" || true',
      { env },
    );
    expect(end).toEqual(endedWith(0));
    expect(lines).toEqual(["it's a '[redacted]' \\ $HOME", 'second line|', '0']);
  });

  it('leads a session of its own there, and its children are ended with it', async () => {
    const { command } = await start('echo $$ >pid; sleep 300 & sleep 300; wait');
    const pid = await pidOf();
    expect(groupAlive(pid)).toBe(true);
    await command.stop();
    expect(groupAlive(pid)).toBe(false);
    expect(await command.ended).toMatchObject({ startError: null, lost: null });
  });

  it('that ignores every polite signal is killed', async () => {
    const { command } = await start(`trap '' TERM; echo $$ >pid; while :; do sleep 1; done`);
    const pid = await pidOf();
    await command.stop();
    expect(groupAlive(pid)).toBe(false);
  });

  it('that leaves a daemon behind ends when it exits, and the daemon can still write', async () => {
    const began = performance.now();
    const { end, lines } = await run(
      '(until [ -e go ]; do sleep 0.02; done; echo one && echo two && touch wrote) & echo $! >pid; echo started',
    );
    expect(end).toEqual(endedWith(0));
    expect(performance.now() - began).toBeLessThan(5000);
    expect(lines).toEqual(['started']);
    await runOverSsh(sshd.host, `touch ${folder}/go\n`, 5000);
    await vi.waitFor(() => expect(existsSync(join(folder, 'wrote'))).toBe(true), 5000);
  });

  it('that floods its output ends, and what was dropped is said', async () => {
    const { end, lines } = await run('head -c 300000000 /dev/zero | tr "\\0" x | fold -w 1000; echo last');
    expect(end).toEqual(endedWith(0));
    expect(lines.some((line) => line.startsWith('[output was dropped here'))).toBe(true);
  }, 60_000);

  it('is ended there when the connection is lost, and the loss is said', async () => {
    const { command } = await start('echo $$ >pid; sleep 300 & sleep 300; wait');
    const pid = await pidOf();
    for (const connection of sshd.connections()) process.kill(connection, 'SIGKILL');
    const end = await command.ended;
    expect(end).toMatchObject({ exitCode: null, startError: null });
    expect(end.lost).toMatch(/closed.*; its command was ended there$/);
    expect(groupAlive(pid)).toBe(false);
  });

  it('goes on when the connection is lost where half of it is worse than none', async () => {
    const { command } = await start(`echo $$ >pid; until [ -e go ]; do echo tick; sleep 0.05; done; touch done`, {
      onLost: 'go-on',
    });
    const pid = await pidOf();
    process.kill(command.pid as number, 'SIGKILL');
    expect((await command.ended).lost).toMatch(/its command goes on there/);
    await runOverSsh(sshd.host, 'sleep 0.5', 5000);
    expect(groupAlive(pid)).toBe(true);
    await runOverSsh(sshd.host, `touch ${folder}/go\n`, 5000);
    await vi.waitFor(() => expect(existsSync(join(folder, 'done'))).toBe(true), 5000);
  });

  it('can be ended from a connection of its own, but never a later process of the same number', async () => {
    const endings: Ending[] = [];
    await start('echo $$ >pid; sleep 300', { onRunning: (ending) => endings.push(ending) });
    const pid = await pidOf();
    await vi.waitFor(() => expect(endings).toHaveLength(1), 5000);
    const [{ input }] = endings as [Ending];
    await runOverSsh(sshd.host, input.replace(/'\d+'/g, "'1'"), 10_000);
    expect(groupAlive(pid)).toBe(true);
    await runOverSsh(sshd.host, input, 10_000);
    expect(groupAlive(pid)).toBe(false);
  });

  it('on a host that cannot be reached was not started', async () => {
    const nowhere = { name: 'web2', shell: sshShell({ ...sshd.destination, port: 1 }) };
    const { end } = await run('true', { host: nowhere });
    expect(end.startError).toMatch(/^ssh to web2: .*Connection refused/);
  });
});

describe.each(['dash', 'bash --posix'])('what %s is sent as the shell of a host', (shell) => {
  /** Stands in for ssh: what is sent to the host goes to this shell here. */
  const host = { name: 'web1', shell: ['sh', '-c', `exec ${shell} -s`] };

  it('runs the command, gives its output and its exit code', async () => {
    const { end, lines } = await run('echo "$WHO"; exit 9', { host, env: { WHO: "it's\nus" } });
    expect(end).toEqual(endedWith(9));
    expect(lines).toEqual(["it's", 'us']);
  });

  it('ends the whole group when it is told to, and when the connection is lost', async () => {
    const told = await start('echo $$ >pid; sleep 300 & sleep 300; wait', { host });
    const first = await pidOf();
    await told.command.stop();
    expect(groupAlive(first)).toBe(false);
    const cut = await start('echo $$ >second; sleep 300 & sleep 300; wait', { host });
    const second = await pidOf('second');
    process.kill(cut.command.pid as number, 'SIGKILL');
    await vi.waitFor(() => expect(groupAlive(second)).toBe(false), 8000);
  });
});

describe.skipIf(missing !== null)('a host', () => {
  it('is reached, and its clock is this one', async () => {
    const clock = await probeHost(sshd.host);
    if ('problem' in clock) throw new Error(clock.problem);
    expect(Math.abs(clock.offsetMs)).toBeLessThanOrEqual(clock.uncertaintyMs + 1);
    expect(clock.uncertaintyMs).toBeLessThan(1000);
  });

  it('that refuses us says why', async () => {
    const stranger = { name: 'web1', shell: sshShell({ ...sshd.destination, identity: join(folder, 'no-key') }) };
    expect(await probeHost(stranger)).toEqual({ problem: expect.stringMatching(/Permission denied|no-key/) });
  });

  it('where ssh is missing is said to be', async () => {
    expect(await probeHost({ name: 'web1', shell: ['no-such-ssh'] })).toEqual({
      problem: expect.stringMatching(/no-such-ssh|ENOENT/),
    });
  });
});

describe('the clock of a host', () => {
  it('is read from nanoseconds, or from whole seconds where it says no more', () => {
    expect(clockOf('1700000000123456789', 1_700_000_000_100, 1_700_000_000_104)).toEqual({
      offsetMs: 21.5,
      uncertaintyMs: 3,
    });
    expect(clockOf('1700000000N', 1_700_000_000_500, 1_700_000_000_500)).toEqual({ offsetMs: 0, uncertaintyMs: 501 });
    expect(clockOf('Tue Jan 1', 0, 0)).toBeNull();
  });
});

describe('the command line of a connection', () => {
  it('asks nobody anything and lets options of the user win', () => {
    const words = sshShell({
      destination: 'deploy@10.0.1.10',
      port: 2222,
      identity: '~/.ssh/id',
      options: ['-o', 'ConnectTimeout=3'],
    });
    expect(words.slice(0, 6)).toEqual(['ssh', '-T', '-o', 'BatchMode=yes', '-o', 'ConnectTimeout=3']);
    expect(words.indexOf('ConnectTimeout=3')).toBeLessThan(words.indexOf('ConnectTimeout=10'));
    expect(words.slice(-9)).toEqual([
      '-p',
      '2222',
      '-i',
      '~/.ssh/id',
      '-o',
      'IdentitiesOnly=yes',
      '--',
      'deploy@10.0.1.10',
      'exec sh -s',
    ]);
  });
});
