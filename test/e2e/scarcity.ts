import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { APPS } from './run-cli.ts';

/** Places in which something is scarce. All of them need root, on Linux. */
export const CAN_BE_SCARCE = process.platform === 'linux' && process.getuid?.() === 0;

/** Fails with the package that is missing: a test that is left out proves nothing. */
export function needProgram(name: string, debianPackage: string): void {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (error !== undefined) throw new Error(`this test needs ${name}: apt-get install ${debianPackage}`);
}

/** Two cores this process may use; the same one where there is no other. */
export function cores(): { first: string; last: string } {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const numbers = list.split(/[,-]/);
  return { first: numbers.at(0) ?? '0', last: numbers.at(-1) ?? '0' };
}

/** A network and files of its own; `through` puts a command line into it. */
export interface Room {
  through: string[];
  leave(): Promise<void>;
}

/** Opens a namespace of network and mounts, and runs `setup` (shell) in it. It lasts until it is left. */
export async function room(setup: string): Promise<Room> {
  needProgram('unshare', 'util-linux');
  needProgram('nsenter', 'util-linux');
  needProgram('ip', 'iproute2');
  const script = `ip link set lo up\n${setup}\necho ready\nexec cat`;
  const holder = spawn('unshare', ['--net', '--mount', '--propagation', 'private', 'sh', '-ec', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await said(holder, 'ready');
  return {
    // Entering the mounts leads to the root folder: go back to where the command was started.
    through: ['sh', '-c', ENTER, String(holder.pid)],
    leave: () => ended(holder),
  };
}

const ENTER = 'exec nsenter --target "$0" --net --mount sh -c \'cd "$0" && exec "$@"\' "$PWD" "$@"';

/** A name server in a room; `answers` is the file that says what it does, `ok` at first. */
export async function nameServer(place: Room, answers: string): Promise<{ stop(): Promise<void> }> {
  writeFileSync(answers, 'ok');
  const [file = '', ...argv] = [...place.through, process.execPath, join(APPS, 'name-server.mjs'), answers];
  const child = spawn(file, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  await said(child, 'ready');
  return { stop: () => ended(child) };
}

/** A control group whose CPU time can be cut. */
export interface CpuGroup {
  through: string[];
  /** Shell that leaves it this share of one core; null: as much as there is. */
  cut(share: number | null): string;
  leave(): void;
}

const PERIOD_US = 100_000;
const GROUPS = '/sys/fs/cgroup';
const IS_V1 = existsSync(join(GROUPS, 'cpu/cpu.cfs_quota_us'));

/** Whether this machine lets us make such a group. */
export function canCutCpu(): boolean {
  try {
    cpuGroup('probe').leave();
    return true;
  } catch {
    return false;
  }
}

export function cpuGroup(name: string): CpuGroup {
  const folder = join(GROUPS, IS_V1 ? 'cpu' : '', `zdd-verify-${name}-${process.pid}`);
  if (!IS_V1) writeFileSync(join(GROUPS, 'cgroup.subtree_control'), '+cpu');
  mkdirSync(folder);
  const limitOf = (share: number | null): string => {
    if (IS_V1) return `echo ${share === null ? -1 : share * PERIOD_US} > ${folder}/cpu.cfs_quota_us`;
    return `echo "${share === null ? 'max' : share * PERIOD_US} ${PERIOD_US}" > ${folder}/cpu.max`;
  };
  return {
    through: ['sh', '-c', `echo $$ > ${folder}/cgroup.procs && exec "$0" "$@"`],
    cut: limitOf,
    leave: () => rmdirSync(folder),
  };
}

async function said(child: ChildProcess, word: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let text = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it was ${word}`)));
    child.stdout?.on('data', (chunk) => {
      text += chunk;
      if (text.includes(word)) resolve();
    });
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.stdin?.end();
  await exit;
}
