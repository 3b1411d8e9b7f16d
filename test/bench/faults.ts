import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FaultServer, type ServerCounts, startFaultServer } from '../apps/fault-client.ts';
import { tell } from '../e2e/scenarios.ts';
import type { Generator, Load, Reading } from './generators.ts';
import { measureProcess } from './measured-process.ts';
import { readRun, runCommand, wholeRun } from './ours.ts';
import { digits, type Section } from './table.ts';

export interface FaultsOptions {
  generators: readonly Generator[];
  progress(text: string): void;
}

const RATE_PER_SEC = 1000;
const SECONDS = 5;
const CONNECTIONS = 50;
const PATH = '/traffic';
/** Of the first 5,000 requests every 100th. */
const KILLED = 50;
const KILL_EVERY = 100;
const AWAY_MS = 2000;
const STOPPED_MS = 1000;
/** Outage and stall begin this long after the first request. */
const AFTER_MS = 1000;

const KINDS = ['rst', 'fin', 'outage', 'stall'] as const;
type Kind = (typeof KINDS)[number];

/** What the server is told, for each fault. */
const COMMANDS: Record<Kind, object> = {
  rst: { do: 'fault', fault: 'rst', every: KILL_EVERY, times: KILLED, path: PATH },
  fin: { do: 'fault', fault: 'fin', every: KILL_EVERY, times: KILLED, path: PATH },
  outage: { do: 'refuse', forMs: AWAY_MS, established: 'close' },
  stall: { do: 'freeze', forMs: STOPPED_MS },
};

/** One generator through one fault. */
interface Seen {
  kind: Kind;
  /** Of `rst` and `fin`, by the server's count. */
  killed: number;
  /** How long the server was away or stopped, by its own clock. */
  windowMs: number | null;
  /** p99 of end - due that the stall must leave: its length less what 1 % of all requests fell due in. */
  trueP99Ms: number | null;
  reading: Reading | null;
  exitCode: number | null;
}

/** Sends each generator through the same faults of one server, which counts what it does. */
export async function measureFaults({ generators, progress }: FaultsOptions): Promise<Section> {
  const found: { generator: Generator; seen: Seen[] }[] = [];
  for (const generator of generators) {
    const seen: Seen[] = [];
    for (const kind of KINDS) {
      progress(`${generator.name}: ${kind}`);
      seen.push(await drive(generator, kind));
    }
    found.push({ generator, seen });
  }
  return sectionOf(found);
}

async function drive(generator: Generator, kind: Kind): Promise<Seen> {
  const server = await startFaultServer();
  const folder = mkdtempSync(join(tmpdir(), 'zdd-bench-'));
  try {
    const load = {
      url: `${server.url}${PATH}`,
      ratePerSec: RATE_PER_SEC,
      seconds: SECONDS,
      connections: CONNECTIONS,
      folder,
    };
    return generator === wholeRun ? await driveRun(server, kind, load) : await drivePeer(server, generator, kind, load);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await server.stop();
  }
}

async function drivePeer(server: FaultServer, generator: Generator, kind: Kind, load: Load): Promise<Seen> {
  const kills = kind === 'rst' || kind === 'fin';
  if (kills) await server.fault({ fault: kind, every: KILL_EVERY, times: KILLED, path: PATH });
  let fault = Promise.resolve();
  const measured = await measureProcess(generator.command(load), {
    seconds: SECONDS,
    onStarted: () => {
      if (!kills) fault = afterFirstRequest(server, kind);
    },
  });
  await fault;
  const reading = attempt(() => generator.read(measured.stdout, load));
  const counts = await server.counts();
  return seenOf(kind, counts, counts.requests.total, reading, measured.code);
}

async function afterFirstRequest(server: FaultServer, kind: Kind): Promise<void> {
  while ((await server.counts()).requests.total === 0) await delay(10);
  await delay(AFTER_MS);
  await (kind === 'outage' ? server.refuse(AWAY_MS, 'close') : server.freeze(STOPPED_MS));
}

/** Ours meets the fault as its users do: in a step of a release. */
async function driveRun(server: FaultServer, kind: Kind, load: Load): Promise<Seen> {
  const commands = [
    COMMANDS[kind],
    ...(kind === 'rst' || kind === 'fin' ? [{ do: 'until', fault: kind, total: KILLED }] : []),
  ];
  const steps = [{ name: 'deploy', run: tell(server, ...commands), hold: '1s', timeout: '60s' }];
  const argv = runCommand({ ...load, url: server.url }, { warmup: '0s', baseline: '1s', steps });
  const measured = await measureProcess(argv, { seconds: SECONDS });
  const reading = attempt(() => readRun(measured.stdout));
  return seenOf(kind, await server.counts(), reading?.requests ?? 0, reading, measured.code);
}

function seenOf(
  kind: Kind,
  counts: ServerCounts,
  requests: number,
  reading: Reading | null,
  exitCode: number | null,
): Seen {
  const [window] = counts.windows;
  const windowMs = window?.endedAt == null ? null : Number(BigInt(window.endedAt) - BigInt(window.beganAt)) / 1e6;
  const overOnePercentMs = (requests * 0.01 * 1000) / RATE_PER_SEC;
  return {
    kind,
    killed: counts.faults[kind]?.total ?? 0,
    windowMs,
    trueP99Ms: kind === 'stall' && windowMs !== null ? Math.max(0, windowMs - overOnePercentMs) : null,
    reading,
    exitCode,
  };
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}

function sectionOf(found: readonly { generator: Generator; seen: readonly Seen[] }[]): Section {
  return {
    title: 'What each reports of known faults',
    columns: [
      'generator',
      `RST (true: ${KILLED})`,
      `FIN (true: ${KILLED})`,
      `${AWAY_MS / 1000} s outage (due meanwhile: about ${digits((AWAY_MS * RATE_PER_SEC) / 1000)})`,
      `p99 ms, stopped for ${STOPPED_MS / 1000} s (true, at least)`,
      'exit codes',
    ],
    rows: found.map(({ generator, seen }) => [
      generator.name,
      ...seen.filter(({ kind }) => kind !== 'stall').map(failuresCell),
      ...seen.filter(({ kind }) => kind === 'stall').map((stall) => stallCell(stall, generator)),
      seen.map(({ exitCode }) => exitCode ?? 'killed').join(' '),
    ]),
    notes: [
      `${digits(RATE_PER_SEC)} requests a second for ${SECONDS} s over ${CONNECTIONS} kept-alive connections; one server process, counting what it does.`,
      'In the stall every request that is due while the server is stopped waits for its end: so much of the p99 follows from the stop and the number of requests; what the server then needs to answer comes on top.',
      'A closed loop sends as fast as the server answers, and sends nothing while it does not: its outage and its p99 have no true value.',
      'Ours counts a failed request as its timeout, or longer; its exit code 99 says that users noticed.',
      ...found.map(({ generator, seen }) => `${generator.name} says: ${seen.map(saidBy).join('; ')}`),
    ],
    data: found.map(({ generator, seen }) => ({ generator: generator.name, loop: generator.loop, seen })),
  };
}

function saidBy({ kind, reading }: Seen): string {
  return `${kind} ${reading === null ? 'unreadable' : reading.detail || 'nothing'}`;
}

function failuresCell({ kind, killed, reading }: Seen): string {
  const reported = reading === null ? 'unreadable' : digits(reading.failures);
  return kind === 'outage' || killed === KILLED ? reported : `${reported} of ${killed}`;
}

function stallCell({ reading, trueP99Ms }: Seen, { loop }: Generator): string {
  return `${digits(reading?.p99Ms)} (${loop === 'closed' ? '-' : digits(trueP99Ms)})`;
}
