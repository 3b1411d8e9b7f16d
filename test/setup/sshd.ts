import { execFileSync, spawn } from 'node:child_process';
import { accessSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RemoteHost, type SshDestination, sshShell } from '../../src/platform/ssh.js';
import { freePort } from '../free-port.ts';

const SSHD = '/usr/sbin/sshd';

/** Why no sshd can be started here; null where one can. */
export function whyNoSshd(): string | null {
  try {
    accessSync(SSHD);
    return null;
  } catch {
    return `${SSHD} is missing: scripts/install-systems --only sshd`;
  }
}

/** A real sshd on loopback, as the user of the test, with keys of its own. */
export interface Sshd {
  port: number;
  folder: string;
  destination: SshDestination;
  host: RemoteHost;
  /** The same host as a scenario says it. */
  asWritten: object;
  /** Process ids of the processes that carry a connection. */
  connections(): number[];
  /** Stops what carries a connection and what takes new ones: neither answers any more. */
  freeze(): void;
  stop(): void;
}

export async function startSshd(): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'zdd-sshd-'));
  const port = await freePort();
  const file = (name: string) => join(folder, name);
  for (const name of ['host', 'client']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file(name)]);
  }
  writeFileSync(file('authorized_keys'), readFileSync(file('client.pub')), { mode: 0o600 });
  writeFileSync(file('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(file('host.pub'), 'utf8')}`);
  const settings = {
    Port: port,
    ListenAddress: '127.0.0.1',
    HostKey: file('host'),
    AuthorizedKeysFile: file('authorized_keys'),
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    PermitRootLogin: 'prohibit-password',
    MaxStartups: '100',
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key} ${value}\n`);
  writeFileSync(file('sshd_config'), lines.join(''));
  // Where sshd separates its privileges, as it does for root, it wants this folder.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const child = spawn(SSHD, ['-D', '-f', file('sshd_config'), '-E', file('sshd.log')], { stdio: 'ignore' });
  let ended = false;
  child.on('exit', () => {
    ended = true;
  });
  for (let tries = 0; !/listening/.test(logOf(file('sshd.log'))); tries += 1) {
    if (ended || tries > 200) throw new Error(`sshd did not start: ${logOf(file('sshd.log'))}`);
    await delay(25);
  }
  const destination: SshDestination = {
    destination: `${userInfo().username}@127.0.0.1`,
    port,
    identity: file('client'),
    options: ['-F', 'none', '-o', `UserKnownHostsFile=${file('known_hosts')}`],
  };
  return {
    port,
    folder,
    destination,
    host: { name: 'web1', shell: sshShell(destination) },
    asWritten: { ssh: destination },
    connections: () => childrenOf(child.pid as number),
    freeze: () => {
      for (const pid of [child.pid as number, ...childrenOf(child.pid as number)]) process.kill(pid, 'SIGSTOP');
    },
    stop: () => {
      for (const pid of [...childrenOf(child.pid as number), child.pid as number]) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function logOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
