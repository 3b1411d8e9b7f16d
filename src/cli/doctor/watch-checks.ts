import { access, constants, readFile, readlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { messageOf } from '../../model/errors.js';
import { clockSince, monotonicNs } from '../../platform/clock.js';
import { connectEngine, engineSocket } from '../../platform/docker-engine.js';
import { askHaproxy, haproxyAddress } from '../../platform/haproxy.js';
import { type ClusterPlace, clusterAccess } from '../../platform/kubernetes-access.js';
import { createKubernetesApi } from '../../platform/kubernetes-api.js';
import { findProgram } from '../../platform/machine.js';
import type { Scenario } from '../../scenario/scenario.js';
import type { WatchPlan } from '../../watchers/plan.js';
import { type Check, type Found, fine, missing, warn } from './check.js';
import { lookAtPostgres } from './postgres-check.js';

/** Whether the watchers can see: files, sockets and servers. Those on other machines are looked at by the run. */
export async function checkWatchers(scenario: Scenario): Promise<Check[]> {
  const checks: Check[] = [];
  for (const plan of scenario.watch) {
    if (plan.on !== null) continue;
    const look = LOOKS[plan.kind] as ((plan: WatchPlan) => Promise<Found>) | undefined;
    if (look === undefined) continue;
    const seen = await look(plan);
    const name = `watch ${plan.kind}`;
    if ('found' in seen) checks.push(fine(name, `${plan.of}: ${seen.found}`));
    else if ('partly' in seen) checks.push(warn(name, `${plan.of}: ${seen.partly}`, seen.fix));
    else if (scenario.setup.length > 0) {
      checks.push(
        warn(name, `${plan.of}: ${seen.problem}`, 'Expected where the setup steps make it; else correct `watch`.'),
      );
    } else {
      const fix = 'The run would say that it could not see. Correct `watch`, or run as a user who may look.';
      checks.push(missing(name, `${plan.of}: ${seen.problem}`, fix));
    }
  }
  return checks;
}

const LOOKS: { [Kind in WatchPlan['kind']]?: (plan: Extract<WatchPlan, { kind: Kind }>) => Promise<Found> } = {
  link: ({ path }) => readlink(path).then((target) => ({ found: `-> ${target}` }), because),
  log: ({ path }) => access(path, constants.R_OK).then(() => ({ found: 'can be read' }), because),
  processes: async ({ pidfile }) => (pidfile === null ? { found: 'by its command line' } : processIn(pidfile)),
  systemd: () => program('systemctl'),
  journal: () => program('journalctl'),
  haproxy: async ({ socket }) => {
    const address = haproxyAddress(socket);
    if (address === null) return { problem: 'is no place of a socket' };
    return askHaproxy(address, 'show info').then(() => ({ found: 'answers' }), because);
  },
  docker: ({ socket }) => lookAtEngine(socket),
  kubernetes: (place) => lookAtCluster(place),
  metric: ({ prometheus }) => listens(prometheus, 9090),
  queue: ({ redis }) => listens(redis, 6379),
  postgres: ({ url }) => lookAtPostgres(url),
};

async function lookAtEngine(given: string | null): Promise<Found> {
  const stop = new AbortController();
  try {
    const { version, apiVersion } = await connectEngine(engineSocket(given), clockSince(monotonicNs()), stop.signal);
    return { found: `engine ${version}, API ${apiVersion}` };
  } catch (error) {
    return { problem: messageOf(error) };
  } finally {
    stop.abort();
  }
}

async function lookAtCluster(place: ClusterPlace): Promise<Found> {
  try {
    const access = await clusterAccess(place);
    const said = createKubernetesApi(access).get('/version', {}, AbortSignal.timeout(CLUSTER_MS));
    const { gitVersion } = (await said.finally(() => access.close())) as { gitVersion?: unknown };
    return { found: `Kubernetes ${String(gitVersion)} at ${access.server}` };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

async function processIn(pidfile: string): Promise<Found> {
  try {
    const pid = Number((await readFile(pidfile, 'utf8')).trim());
    if (!Number.isInteger(pid) || pid < 1) return { problem: 'holds no process id' };
    await access(`/proc/${pid}`).catch(() => {
      throw new Error(`the process ${pid} is gone`);
    });
    return { found: `process ${pid}` };
  } catch (error) {
    return because(error);
  }
}

async function program(name: string): Promise<Found> {
  const file = await findProgram(name, { path: process.env.PATH ?? '', cwd: process.cwd() });
  return file === null ? { problem: `${name} is not here` } : { found: file };
}

const CONNECT_MS = 3000;
/** A program that logs in may take this long. */
const CLUSTER_MS = 15_000;

/** Whether somebody listens where a URL points to. */
function listens(url: string, usualPort: number): Promise<Found> {
  if (!URL.canParse(url)) return Promise.resolve({ problem: 'is no URL' });
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? usualPort : Number(port) });
    const end = (found: Found) => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(CONNECT_MS, () => end({ problem: `no connection within ${CONNECT_MS / 1000} s` }));
    socket.on('connect', () => end({ found: 'listens' }));
    socket.on('error', (error) => end(because(error)));
  });
}

function because(error: unknown): { problem: string } {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return { problem: 'is not there' };
  if (code === 'EACCES') return { problem: 'may not be read' };
  if (code === 'EINVAL') return { problem: 'is no link' };
  return { problem: messageOf(error) };
}
