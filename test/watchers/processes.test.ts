import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folder, type Watched, watching } from './drive.ts';
import { has, start, startNginx } from './servers.ts';

/** Processes that live as far as is known. */
function living(watched: Watched): Map<number, { main: boolean; startedAt: number; command: string }> {
  const alive = new Map<number, { main: boolean; startedAt: number; command: string }>();
  for (const event of watched.events) {
    if (event.what === 'process-began') alive.set(event.pid, event);
    if (event.what === 'process-ended') alive.delete(event.pid);
  }
  return alive;
}

/** A shell that starts two others and waits; its process id is in a file. */
function family(script = 'sleep 1000 & sleep 1000 & wait'): { main: ChildProcess; pidfile: string } {
  const dir = folder();
  const main = start('sh', ['-c', script]);
  const pidfile = join(dir, 'main.pid');
  writeFileSync(pidfile, `${main.pid}\n`);
  return { main, pidfile };
}

const byPidfile = (pidfile: string) => watching('processes', { pidfile, match: null });
const byMatch = (source: string) => watching('processes', { pidfile: null, match: { source, flags: '' } });

describe('processes watched by a pidfile', () => {
  it('are the main one and all that descend from it, with the time they began', async () => {
    const { main, pidfile } = family('sh -c "sleep 1000; :" & wait');
    const before = performance.now();
    const watched = byPidfile(pidfile);
    await watched.until('three', () => living(watched).size === 3);
    const all = [...living(watched).values()];
    expect(all.filter((each) => each.main)).toEqual([expect.objectContaining({ pid: main.pid })]);
    const lateBy = performance.now() - before;
    for (const { startedAt } of all) expect(Math.abs(startedAt)).toBeLessThan(lateBy + 1000);
    main.kill('SIGKILL');
    await watched.until('the main one is gone', () => living(watched).size === 2);
    const [ended] = watched.all('process-ended');
    expect(ended?.aliveAt).toBeLessThan(ended?.at ?? 0);
    // Those it left behind are still watched.
    for (const pid of living(watched).keys()) process.kill(pid, 'SIGKILL');
    await watched.until('all are gone', () => living(watched).size === 0);
  });

  it('are no longer there once they are zombies', async () => {
    // The shell becomes a program that reaps no child.
    const { main, pidfile } = family('sleep 1000 & exec sleep 2000');
    const watched = byPidfile(pidfile);
    await watched.until('two', () => living(watched).size === 2);
    const [child] = [...living(watched).keys()].filter((pid) => pid !== main.pid) as [number];
    process.kill(child, 'SIGKILL');
    await watched.until('it is gone', () => watched.all('process-ended').some(({ pid }) => pid === child));
    expect(readFileSync(`/proc/${child}/stat`, 'utf8')).toContain(') Z ');
  });

  it('of a number that now belongs to another process are told apart', async () => {
    const dir = folder();
    const pidfile = join(dir, 'main.pid');
    const [a, b] = [start('sleep', ['1000']), start('sleep', ['2000'])];
    writeFileSync(pidfile, String(a.pid));
    const watched = byPidfile(pidfile);
    await watched.until('a', () => living(watched).has(a.pid as number));
    writeFileSync(pidfile, String(b.pid));
    await watched.until('b', () => living(watched).has(b.pid as number));
    expect([...living(watched).keys()].sort()).toEqual([a.pid, b.pid].sort());
    a.kill('SIGKILL');
    await watched.until('a is gone', () => !living(watched).has(a.pid as number));
  });

  it('cannot be seen before there is a pidfile, and are gone where it is removed with them', async () => {
    const dir = folder();
    const pidfile = join(dir, 'app.pid');
    const watched = byPidfile(pidfile);
    await watched.until('blind', () => watched.all('blind').length === 1);
    expect(watched.all('blind')[0]?.detail).toBe(`there is no ${pidfile}`);
    const app = start('sleep', ['1000']);
    writeFileSync(pidfile, String(app.pid));
    await watched.until('it is there', () => living(watched).size === 1);
    rmSync(pidfile);
    app.kill('SIGKILL');
    await watched.until('it is gone', () => living(watched).size === 0);
    await watched.stop();
    expect(watched.all('blind')).toHaveLength(1);
  });

  it.runIf(has('nginx', '-v'))('are the workers of nginx before and after its reload', async () => {
    const nginx = await startNginx('return 200 ok;');
    const watched = byPidfile(nginx.pidfile);
    await watched.until('the workers', () => living(watched).size === 3);
    const workers = () => [...living(watched)].filter(([, { main }]) => !main).map(([pid]) => pid);
    const old = workers();
    await watched.until(
      'titles',
      () => [...living(watched).values()].filter(({ command }) => /worker process/.test(command)).length === 2,
    );
    nginx.reload();
    await watched.until('new ones alone', () => workers().length === 2 && !workers().some((pid) => old.includes(pid)));
    const main = Number(readFileSync(nginx.pidfile, 'utf8'));
    expect(living(watched).get(main)?.main).toBe(true);
    const firstEnd = watched.all('process-ended').find(({ pid }) => old.includes(pid));
    const news = watched.all('process-began').filter(({ pid }) => workers().includes(pid));
    for (const { startedAt } of news) expect(startedAt).toBeLessThan(firstEnd?.at ?? 0);
  });
});

describe('processes watched by their command line', () => {
  it('are found when they come, and with those that descend from them', async () => {
    const name = `zdd-watched-${process.pid}`;
    const watched = byMatch(`^sh -c : ${name}`);
    await watched.sees();
    expect(living(watched).size).toBe(0);
    // Not ours: started by a shell that has ended.
    const script = `sh -c ': ${name}; sleep 1000 & wait' >/dev/null 2>&1 & echo $!`;
    const starter = spawn('setsid', ['sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const pid = Number(String(line));
    await watched.until('both', () => living(watched).size === 2);
    expect(living(watched).get(pid)).toMatchObject({ main: true });
    process.kill(-(starter.pid as number), 'SIGKILL');
    await watched.until('gone', () => living(watched).size === 0);
  });

  it('are none of the commands that this process runs', async () => {
    const name = `zdd-own-${process.pid}`;
    const watched = byMatch(name);
    await watched.sees();
    start('sh', ['-c', `: ${name}; sleep 1000; :`]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await watched.stop();
    expect(watched.all('process-began')).toEqual([]);
  });
});

it('costs little: a look at a tree of ten takes well under a millisecond', async () => {
  const { pidfile } = family('for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; wait');
  const watched = byPidfile(pidfile);
  await watched.until('all', () => living(watched).size === 10);
  const before = process.cpuUsage();
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000 / (performance.now() - from)).toBeLessThan(0.1);
});
