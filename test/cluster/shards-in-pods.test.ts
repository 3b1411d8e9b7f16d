import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { APPS, ROOT } from '../e2e/run-cli.ts';
import { occurred, type RunJson } from '../e2e/run-json.ts';
import { smallScenario, TRAFFIC } from '../e2e/scenarios.ts';
import { ranStarved } from '../setup/starved-runs.ts';

/**
 * The four pods of docs/kubernetes/pods.yaml in the cluster that runs: `npm run cluster` starts it, makes their image, and
 * runs this in its network. The fault server is a process of the node, so that its counts are known from outside.
 */
const NODE_ADDRESS = '10.10.10.10';
const NAMESPACE = 'zdd-shards';
const LISTEN = 7070;
const WANTED = { rst: 50, fin: 50, status: 20 } as const;

let folder: string;
let server: FaultServer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zdd-pods-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(async () => {
  server = await startFaultServer({ version: 'v1', address: NODE_ADDRESS });
  remove();
  kubectl('create', 'namespace', NAMESPACE);
  kubectl('apply', '-f', join(ROOT, 'docs/kubernetes/access.yaml'));
  kubectl('create', 'secret', 'generic', 'zdd-token', '--from-literal=token=a-token-that-nobody-guesses');
}, 120_000);
afterEach(async () => {
  remove();
  await server.stop();
}, 120_000);

describe('four shards in four pods', () => {
  it("are judged like one process, with the server's counts exactly", async () => {
    startPods(Object.entries(WANTED).map(([fault, times]) => faulty(fault, times)));
    const run = result();
    if (!run.generator.healthy) ranStarved();
    expect(run.reasons, run.reasons.join('\n')).not.toContainEqual(expect.stringContaining('zdd-verify itself'));
    expect(occurred(run.totals.byError)).toEqual({ reset: 50, closed: 50, 'unexpected-status': 20 });
    expect(run).toMatchObject({ verdict: 'downtime', release: 'completed', exitCode: 99 });
    expect(run.totals).toMatchObject({ failed: 120, unsent: 0 });
    const { faults, requests } = await server.counts();
    for (const [fault, total] of Object.entries(WANTED)) expect(faults[fault]).toMatchObject({ total, abandoned: 0 });
    // Beside the traffic the server was asked once, before it.
    expect(requests.total).toBe(1 + run.totals.requests);
  });

  it('prove nothing where one is killed, and say which', () => {
    startPods([{ name: 'deploy', run: 'touch /work/began; until [ -e /work/go-on ]; do sleep 0.05; done' }]);
    inPod('until [ -e /work/began ]; do sleep 0.2; done');
    kubectl('delete', 'pod', 'zdd-load-2', '--grace-period', '0', '--force');
    inPod('touch /work/go-on');
    const run = result();
    expect(run).toMatchObject({ verdict: 'inconclusive', exitCode: 98, generator: { healthy: false } });
    expect(run.reasons).toContainEqual(expect.stringContaining('shard 3 of 4'));
  });
});

/** A step that has the server do it so often, and waits until it has. */
function faulty(fault: string, times: number): object {
  const told = [
    { do: 'fault', fault, every: 5, times, path: TRAFFIC },
    { do: 'until', fault, total: times },
  ];
  const commands = told.map((command) => `'${JSON.stringify(command)}'`).join(' ');
  return { name: fault, run: `FAULT_CONTROL=${server.controlUrl} node /scenario/fault-control.mjs ${commands}` };
}

/** Without a name service in this cluster the conductor's pod comes first, and the others are given its address. */
function startPods(steps: object[]): void {
  const held = steps.map((step) => ({ ...step, hold: '300ms' }));
  const scenario = smallScenario({ url: server.url, steps: held, rate: '200/s', timeout: '10s' });
  writeFileSync(join(folder, 'scenario.yaml'), JSON.stringify(scenario));
  const files = [join(folder, 'scenario.yaml'), join(APPS, 'fault-control.mjs')];
  kubectl('create', 'configmap', 'zdd-scenario', ...files.map((file) => `--from-file=${file}`));
  const yaml = readFileSync(join(ROOT, 'docs/kubernetes/pods.yaml'), 'utf8')
    // Four cores are more than this node has.
    .replaceAll('cpu: "1"', 'cpu: 100m');
  const [service, lead, ...others] = yaml.split('\n---\n');
  apply([service as string, lead as string]);
  kubectl('wait', '--for=condition=Ready', 'pod/zdd-load-0', '--timeout=60s');
  const address = kubectl('get', 'pod', 'zdd-load-0', '-o', 'jsonpath={.status.podIP}');
  apply(others.map((pod) => pod.replaceAll(`zdd-load-0.zdd-load:${LISTEN}`, `${address}:${LISTEN}`)));
}

function apply(documents: string[]): void {
  writeFileSync(join(folder, 'pods.yaml'), documents.join('\n---\n'));
  kubectl('apply', '-f', join(folder, 'pods.yaml'));
}

/** What the first pod came to: its report lies in it until it is fetched. */
function result(): RunJson {
  const run = JSON.parse(inPod('until cat /work/reports/*/run.json 2>/dev/null; do sleep 1; done')) as RunJson;
  inPod('touch /work/fetched');
  return run;
}

/** In the first pod. It waits there, so that nobody asks again and again beside the run. */
function inPod(script: string): string {
  return kubectl('exec', 'zdd-load-0', '--', 'sh', '-c', script);
}

function remove(): void {
  kube('delete', 'pods', '--all', '--grace-period', '0', '--force');
  kube('delete', 'namespace', NAMESPACE, '--ignore-not-found', '--timeout', '90s');
}

function kubectl(...args: string[]): string {
  const { status, stdout, stderr } = kube(...args);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function kube(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('kubectl', ['--namespace', NAMESPACE, ...args], { encoding: 'utf8', timeout: 240_000 });
}
