import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { soon } from './servers.ts';

/** Powering off takes ten seconds and more. */
const STOP_MS = 60_000;

/** Why no systemd of its own can be started here; null where one can. */
export function whyNoSystemd(): string | null {
  if (spawnSync('systemd-nspawn', ['--version']).error !== undefined) return 'systemd-nspawn is missing';
  return process.getuid?.() === 0 ? null : 'a systemd of its own needs root';
}

/** A systemd in namespaces of its own, over the files of this machine. */
export interface SystemdMachine {
  /** The command that brings a shell there. */
  shell: string[];
  run(...words: string[]): void;
}

export async function startSystemd(units: Record<string, string>): Promise<SystemdMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-systemd-'));
  const [layers, root] = [join(folder, 'layers'), join(folder, 'root')];
  for (const path of [layers, root]) mkdirSync(path);
  must('mount', '-t', 'tmpfs', 'tmpfs', layers);
  const [upper, work] = [join(layers, 'upper'), join(layers, 'work')];
  for (const path of [upper, work]) mkdirSync(path);
  must('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=/,upperdir=${upper},workdir=${work}`, root);
  const own = join(root, 'etc/systemd/system');
  mkdirSync(own, { recursive: true });
  for (const [name, text] of Object.entries(units)) writeFileSync(join(own, name), text);
  const wants = `${Object.keys(units).join(' ')} systemd-journald.service dbus.socket`;
  writeFileSync(join(own, 'zdd.target'), `[Unit]\nWants=${wants}\nAfter=systemd-journald.service\n`);
  const options = ['-q', '-D', root, '--register=no', '--keep-unit', '--console=pipe'];
  const machine = spawn('systemd-nspawn', [...options, '/lib/systemd/systemd', '--unit=zdd.target'], {
    stdio: 'ignore',
  });
  const leader = (): string => {
    const { pid } = machine;
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  };
  const words = (): string[] => ['nsenter', '-t', leader(), '-m', '-u', '-i', '-n', '-p', '-C'];
  onTestFinished(async () => {
    if (machine.exitCode === null) {
      const exited = once(machine, 'exit');
      must(...words(), 'systemctl', 'poweroff');
      await exited;
    }
    for (const path of [root, layers]) must('umount', path);
    rmSync(folder, { recursive: true });
  }, STOP_MS);
  await soon('its leader', () => leader() !== '');
  await soon('its units', () => {
    const { stdout } = spawnSync(words()[0] as string, [...words().slice(1), 'systemctl', 'is-active', 'zdd.target'], {
      encoding: 'utf8',
    });
    return stdout.trim() === 'active';
  });
  return { shell: [...words(), 'sh'], run: (...rest) => must(...words(), ...rest) };
}

function must(...[file = '', ...args]: string[]): void {
  const { status, stderr, error } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
