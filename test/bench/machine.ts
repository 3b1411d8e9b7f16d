import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { GENERATORS, type Generator } from './generators.ts';
import { PINNING } from './measured-process.ts';
import { nginxVersion } from './nginx.ts';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  pinning: string;
  versions: Record<string, string | null>;
  /** Load over the last minute, before the bench began. */
  load: number;
}

export function describeMachine(): Machine {
  const [first, ...others] = cpus();
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: others.length + 1,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.version,
    pinning: PINNING === null ? 'none (one core, or no taskset)' : 'server on core 0, generators on core 1',
    versions: Object.fromEntries([
      ['nginx', nginxVersion()],
      ...GENERATORS.map(({ name, version }): [string, string | null] => [name, version()]),
    ]),
    load: loadavg()[0] ?? 0,
  };
}

export function machineLines(machine: Machine): string[] {
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version ?? 'missing'}`);
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node.slice(1)}`,
    versions.join(', '),
    `${machine.pinning}; load average before: ${machine.load.toFixed(2)}`,
    ...(machine.load > BUSY_LOAD * machine.cores
      ? ['WARNING: the machine is busy; figures of this run are worth little, ratios a little more']
      : []),
    ...missing(GENERATORS, machine.versions),
  ];
}

/** Load per core from which on the figures are those of the neighbours. */
const BUSY_LOAD = 0.15;

function missing(generators: readonly Generator[], versions: Machine['versions']): string[] {
  return generators
    .filter(({ name }) => versions[name] === null)
    .map(({ name, getIt }) => `${name} is not installed and left out: ${getIt}`);
}
