import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';

const SHARED = fileURLToPath(new URL('../../scenarios/shared', import.meta.url));
const PROGRAMS = ['dockerd', 'containerd', 'docker', 'busybox', 'unshare', 'nsenter', 'ip'];
const END_MS = 120_000;

/** Why no Docker engine of its own can be started here; null where one can. */
export function whyNoDocker(): string | null {
  const path = `${process.env.PATH}:/usr/sbin:/sbin`;
  const missing = PROGRAMS.filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`], { env: { PATH: path } }).status,
  );
  if (missing.length > 0) return `${missing.join(', ')} missing: scripts/install-systems --only docker`;
  return process.getuid?.() === 0 ? null : 'a Docker engine of its own needs root';
}

/** A Docker engine of the test's own, with one image: busybox as `zdd/tiny:v1` and `zdd/tiny:v2`. */
export interface DockerMachine {
  socket: string;
  /** Calls `docker`. @throws where it fails; returns what it writes. */
  docker(...words: string[]): Promise<string>;
  /** Makes it a swarm of one node. */
  swarm(): Promise<unknown>;
}

export function startDocker(): DockerMachine {
  const root = mkdtempSync(join(tmpdir(), 'zdd-d-'));
  const bash = (script: string, ...before: string[]): void => {
    const text = `. "${SHARED}/lib.sh"; . "${SHARED}/docker.sh"; ${script}`;
    const [program = '', ...words] = [...before, 'bash', '-c', text, join(SHARED, 'test')];
    const { status, stdout, stderr, error } = spawnSync(program, words, {
      env: { ...process.env, ROOT: root },
      encoding: 'utf8',
      timeout: END_MS,
    });
    if (status !== 0) throw new Error(`${script}: ${error?.message ?? ''}${stderr}${stdout}`);
  };
  onTestFinished(() => {
    bash('end_engine; stop_all');
    rmSync(root, { recursive: true });
  }, END_MS);
  // A network of its own: a swarm uses fixed ports and names of bridges.
  const script = 'ip link set lo up; prepare_root; start_engine; image zdd/tiny:v1; docker tag zdd/tiny:v1 zdd/tiny:v2';
  bash(script, 'unshare', '--net');
  const socket = join(root, 'docker', 'engine.sock');
  const env = { ...process.env, DOCKER_HOST: `unix://${socket}` };
  // Beside the watcher, which is in this process.
  const docker = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)('docker', words, { env, timeout: 30_000 })).stdout.trim();
  return {
    socket,
    docker,
    swarm: () => docker('swarm', 'init', '--advertise-addr', '127.0.0.1', '--listen-addr', '127.0.0.1:2377'),
  };
}
