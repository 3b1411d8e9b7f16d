import { messageOf } from '../../model/errors.js';
import {
  canWrite,
  clockStepMs,
  ephemeralPorts,
  findProgram,
  memoryLimit,
  openFilesLimit,
  processors,
  timerLateness,
} from '../../platform/machine.js';
import { type Check, fine, missing, warn } from './check.js';

/** What the traffic of a scenario asks of the machine; a guess of ordinary traffic where no scenario is given. */
export interface Demand {
  ratePerSec: number;
  /** Connections made anew each second. */
  freshPerSec: number;
  maxInFlight: number;
}

export const USUAL_DEMAND: Demand = { ratePerSec: 200, freshPerSec: 40, maxInFlight: 2000 };

/** Everything about the machine that can disturb a run. Takes about a second: the timers are watched. */
export async function checkMachine(demand: Demand, outputDir: string): Promise<Check[]> {
  return [
    checkNode(),
    await checkProcessors(),
    await checkMemory(),
    await checkDescriptors(demand),
    await checkPorts(demand),
    checkClock(),
    await checkTimers(),
    await checkShell(),
    await checkOutput(outputDir),
    await checkImages(),
  ];
}

function checkNode(): Check {
  return fine('node', `${process.versions.node} (${process.platform} ${process.arch})`);
}

async function checkProcessors(): Promise<Check> {
  const { count, quota } = await processors();
  const usable = Math.min(count, quota ?? count);
  const found =
    quota === null ? `${count} cores` : `${count} cores, limited to ${Number(quota.toFixed(2))} by a cgroup`;
  if (usable >= 2) return fine('processors', found);
  return warn(
    'processors',
    found,
    'Traffic and release share one core: expect lateness. Give the job 2 cores, or run `zdd-verify calibrate` and stay well below the rate it held.',
  );
}

async function checkMemory(): Promise<Check> {
  const bytes = await memoryLimit();
  if (bytes === null) return fine('memory', 'no limit');
  const found = `limited to ${Math.round(bytes / 2 ** 20)} MiB by a cgroup`;
  if (bytes >= 512 * 2 ** 20) return fine('memory', found);
  return warn('memory', found, 'Builds and two releases side by side share it: give the job at least 512 MiB.');
}

/** Sockets of the traffic, the files of the record, and some for Node itself. */
const OWN_DESCRIPTORS = 100;

async function checkDescriptors(demand: Demand): Promise<Check> {
  const limit = await openFilesLimit();
  const needed = demand.maxInFlight + OWN_DESCRIPTORS;
  if (limit === null)
    return warn('file descriptors', 'the limit is not known here', `Check that \`ulimit -n\` is at least ${needed}.`);
  const found = `limit ${limit}, up to ${needed} needed`;
  if (limit >= needed) return fine('file descriptors', found);
  return warn('file descriptors', found, `Run \`ulimit -n ${needed}\` first, or lower \`traffic.maxInFlight\`.`);
}

/** How long a closed connection keeps its port occupied (TIME_WAIT), seconds. */
const PORT_REST_SEC = 60;

async function checkPorts(demand: Demand): Promise<Check> {
  const ports = await ephemeralPorts();
  if (ports === null)
    return warn('ports', 'the ephemeral range is not known here', 'Watch for arrivals counted as `unsent: ports`.');
  const free = ports.to - ports.from + 1 - ports.inUse;
  const needed = Math.ceil(demand.freshPerSec * PORT_REST_SEC) + demand.maxInFlight;
  const found = `${ports.from}-${ports.to}, ${free} free, about ${needed} needed`;
  if (free >= needed) return fine('ports', found);
  const fix =
    'Lower the rate or the share of fresh connections, or widen the range: `sysctl -w net.ipv4.ip_local_port_range="15000 65000"`.';
  return free < demand.freshPerSec ? missing('ports', found, fix) : warn('ports', found, fix);
}

/** Times in a record have microseconds; a clock with coarser steps than this cannot fill them. */
const CLOCK_STEP_LIMIT_MS = 0.1;

function checkClock(): Check {
  const step = clockStepMs();
  const found = `monotonic, steps of ${Number((step * 1000).toPrecision(2))} µs`;
  if (step <= CLOCK_STEP_LIMIT_MS) return fine('clock', found);
  return warn(
    'clock',
    found,
    'Latencies are no finer than that; a virtual machine without a paravirtual clock is the usual cause.',
  );
}

const TIMERS_WATCHED_MS = 1000;
const LATENESS_WARN_MS = 10;
const LATENESS_LIMIT_MS = 250;

async function checkTimers(): Promise<Check> {
  const { p50, p99, max } = await timerLateness(TIMERS_WATCHED_MS);
  const found = `late by ${p50.toFixed(1)} ms (p50), ${p99.toFixed(1)} ms (p99), ${max.toFixed(1)} ms (most), watched for 1 s`;
  if (max > LATENESS_LIMIT_MS) {
    return missing(
      'timers',
      found,
      'The machine is overloaded: a run would be inconclusive. Stop what else uses its cores, or use another one.',
    );
  }
  if (p99 <= LATENESS_WARN_MS) return fine('timers', found);
  return warn('timers', found, 'Something else uses the cores: stop it, or expect requests to be sent late.');
}

async function checkShell(): Promise<Check> {
  const bash = await findProgram('bash', { path: process.env.PATH ?? '', cwd: process.cwd() });
  if (bash !== null) return fine('shell', bash);
  return warn(
    'shell',
    'no bash: steps written as a string run in `sh -e`, without pipefail',
    'Install bash, or write the steps for sh.',
  );
}

async function checkOutput(dir: string): Promise<Check> {
  if (await canWrite(dir)) return fine('output', `${dir} can be written`);
  return missing(
    'output',
    `${dir} cannot be written`,
    'Choose another folder with `--out` or `outputs.dir`: without a record there is no verdict.',
  );
}

async function checkImages(): Promise<Check> {
  try {
    const { rasterize } = await import('../../platform/rasterize.js');
    const chart = { type: 'line', data: { labels: ['a', 'b'], datasets: [{ label: 'x', data: [1, 2] }] } } as const;
    const png = rasterize(chart as never, { width: 400, height: 200 });
    const isPng = Buffer.from(png.subarray(1, 4)).toString('latin1') === 'PNG';
    if (isPng) return fine('images', `a chart was drawn (${png.length} bytes of PNG), with a font of its own`);
    return warn('images', 'what was drawn is no PNG', IMAGES_FIX);
  } catch (error) {
    return warn('images', `no chart could be drawn: ${messageOf(error)}`, IMAGES_FIX);
  }
}

const IMAGES_FIX =
  'Install without `--omit=optional`: @napi-rs/canvas brings one binary for each platform. Only timeline.png needs it.';
