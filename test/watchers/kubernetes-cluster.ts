import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { folder } from './drive.ts';

const CLUSTER = fileURLToPath(new URL('../../scripts/cluster', import.meta.url));
const RELAY = fileURLToPath(new URL('kubernetes-relay.mjs', import.meta.url));
const DIR = process.env.ZDD_CLUSTER_DIR ?? '/tmp/zdd-cluster';

/** Why the tests with a real cluster do not run; null where they do. */
export function whyNoCluster(): string | null {
  if (process.env.ZDD_CLUSTER !== '1') return 'no cluster: scripts/cluster start, and ZDD_CLUSTER=1';
  try {
    execFileSync(CLUSTER, ['status'], { stdio: 'pipe' });
    return null;
  } catch (error) {
    throw new Error(`ZDD_CLUSTER=1, and ${String((error as { stdout?: Buffer }).stdout)}`);
  }
}

/** `kubectl` in the cluster's network. */
export function kubectl(args: string[], input = ''): string {
  return execFileSync(CLUSTER, ['run', '--', 'kubectl', ...args], { input, encoding: 'utf8', timeout: 60_000 });
}

/** A namespace that is gone after the test. */
export function namespace(): string {
  const name = `zdd-watch-${process.pid}-${Date.now() % 100_000}`;
  kubectl(['create', 'namespace', name]);
  onTestFinished(() => void kubectl(['delete', 'namespace', name, '--wait=false']));
  return name;
}

/** A kubeconfig by which the API server is reached from this network. */
export async function kubeconfigHere(): Promise<string> {
  const dir = folder();
  const config = parse(readFileSync(join(DIR, 'kubeconfig'), 'utf8'));
  const server = new URL(config.clusters[0].cluster.server);
  const path = join(dir, 'relay.sock');
  const relay = spawn(CLUSTER, ['run', '--', process.execPath, RELAY, path, server.hostname, server.port], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void relay.stdin.end());
  await once(relay.stdout, 'data');
  const near = createServer((socket) => {
    const far = connect(path);
    for (const [from, to] of [
      [socket, far],
      [far, socket],
    ] as const)
      from
        .on('error', () => to.destroy())
        .on('close', () => to.destroy())
        .pipe(to);
  }).listen(0, '127.0.0.1');
  await once(near, 'listening');
  onTestFinished(() => void near.close());
  config.clusters[0].cluster.server = `https://127.0.0.1:${(near.address() as AddressInfo).port}`;
  config.clusters[0].cluster['tls-server-name'] = 'kubernetes';
  const file = join(dir, 'kubeconfig');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** A Deployment `web` of two pods of busybox, and its Service. `script` is what a pod runs. */
export function web(script: string, more: { image?: string; deadline?: number } = {}): string {
  const { image = 'zdd/pause:1', deadline = 600 } = more;
  const probe = {
    exec: { command: ['/bin/busybox', 'test', '-e', '/ready'] },
    periodSeconds: 1,
    timeoutSeconds: 10,
    failureThreshold: 10,
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } },
        spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
      },
      {
        ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } },
        spec: {
          replicas: 2,
          progressDeadlineSeconds: deadline,
          selector: { matchLabels: { app: 'web' } },
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: {
            metadata: { labels: { app: 'web' } },
            spec: {
              ...{ terminationGracePeriodSeconds: 2, automountServiceAccountToken: false, enableServiceLinks: false },
              containers: [
                {
                  ...{ name: 'app', image, imagePullPolicy: 'Never', readinessProbe: probe },
                  command: ['/bin/busybox', 'sh', '-c', script],
                },
              ],
            },
          },
        },
      },
    ],
  });
}
