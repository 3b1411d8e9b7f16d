import { isIP } from 'node:net';
import type { MachineEvent } from '../model/event.js';
import { type Clock, every } from '../platform/clock.js';
import { openFilesLimit } from '../platform/machine.js';
import { createCpuWatch } from '../platform/machine-cpu.js';
import { openDescriptors, portsTowards } from '../platform/machine-sockets.js';
import { NameWatch } from '../platform/resolver.js';
import type { Endpoint } from '../wire/endpoint.js';

const EVERY_MS = 1000;
/** Part of the thread's time that reading the table of sockets may take: a long one is read less often. */
const SHARE = 0.005;
const SLOWEST_EVERY_MS = 10_000;

export interface MachineWatchOptions {
  clock: Clock;
  /** The first is the target: its name is asked for, and ports towards it are counted. */
  endpoints: readonly Endpoint[];
  record(event: MachineEvent): void;
}

/**
 * Records once a second what the machine did to the harness, until the returned function is called, which reads once
 * more and resolves. Runs beside the traffic, not in its threads, and one reading at a time: a machine too busy to be
 * read is read less often.
 */
export function watchMachine({ clock, endpoints, record }: MachineWatchOptions): () => Promise<void> {
  const readCpu = createCpuWatch(() => clock.now());
  const [target] = endpoints;
  const remote = target === undefined ? null : remoteOf(target);
  const name = remote !== null && isIP(remote.host) === 0 ? new NameWatch(remote.host) : null;
  const readPorts = remote === null ? async () => null : portsReader(clock, remote, name);
  const readDescriptors = descriptorsReader();
  let first = true;
  let reading: Promise<void> | null = null;

  const look = async (): Promise<void> => {
    const { steal, throttledMs, pressure: cpuPressure } = await readCpu();
    const dns = name === null ? null : name.look(() => clock.now());
    const descriptors = await readDescriptors();
    const ports = await readPorts();
    // The first reading is what the others are held against.
    if (first) first = false;
    else {
      record({
        type: 'machine',
        at: clock.now(),
        steal: share(steal),
        throttledMs,
        cpuPressure: share(cpuPressure),
        descriptors,
        ports,
        dns,
      });
    }
  };
  const lookUnlessReading = (): void => {
    reading ??= look().finally(() => {
      reading = null;
    });
  };
  lookUnlessReading();
  const stop = every(EVERY_MS, lookUnlessReading);
  return async () => {
    stop();
    await reading;
    await look();
  };
}

interface Remote {
  host: string;
  port: number;
}

/** Where TCP connections go; null for a Unix socket. */
function remoteOf({ origin, address, socketPath }: Endpoint): Remote | null {
  if (socketPath !== null) return null;
  const { hostname, port, protocol } = new URL(origin);
  return {
    host: address ?? hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (protocol === 'https:' ? 443 : 80)),
  };
}

/** Reads the ports in use, at most every second, and keeps the last reading while the next one would cost too much. */
function portsReader(
  clock: Clock,
  { host, port }: Remote,
  name: NameWatch | null,
): () => Promise<MachineEvent['ports']> {
  let last: MachineEvent['ports'] = null;
  let nextAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const from = clock.now();
    if (from < nextAt) return last;
    const addresses = name === null ? [host] : name.addresses;
    last = addresses.length === 0 ? null : await portsTowards(addresses, port);
    nextAt = from + Math.min(SLOWEST_EVERY_MS, (clock.now() - from) / SHARE);
    return last;
  };
}

/** Reads the descriptors in use and their limit, which can be lowered under a process that runs. */
function descriptorsReader(): () => Promise<MachineEvent['descriptors']> {
  let limit: number | null = null;
  return async () => {
    // Where there is no descriptor left, there is none to read the limit with either.
    limit = (await openFilesLimit()) ?? limit;
    const open = await openDescriptors();
    if (open === null || limit === null || !Number.isFinite(limit)) return null;
    return { open: Math.min(open, limit), limit };
  };
}

function share(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10_000) / 10_000;
}
