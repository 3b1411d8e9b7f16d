import { join } from 'node:path';
import { APPS } from './run-cli.ts';

/** The path that the traffic asks for; whatever else a run asks uses another. */
export const TRAFFIC = '/traffic';

export interface ScenarioParts {
  url: string;
  steps: object[];
  rate?: string;
  timeout?: string;
  keepalive?: string;
  baseline?: string;
  [key: string]: unknown;
}

/** A scenario as small as can be: a second of baseline, one flow, no rehearsal. */
export function smallScenario({
  url,
  steps,
  rate = '50/s',
  timeout = '2s',
  keepalive = '50%',
  baseline = '1s',
  ...rest
}: ScenarioParts): object {
  return {
    version: 1,
    name: 'small',
    target: { url, timeout },
    traffic: {
      rate,
      connections: { keepalive, fresh: `${100 - Number.parseInt(keepalive, 10)}%`, pool: 4 },
      mix: [{ name: 'home', get: TRAFFIC }],
    },
    warmup: '0s',
    baseline,
    steps,
    rehearsal: 'none',
    ...rest,
  };
}

/** A command line that tells the fault server what to do, one after the other. */
export function tell(server: { controlUrl: string }, ...commands: object[]): string[] {
  return [
    'env',
    `FAULT_CONTROL=${server.controlUrl}`,
    process.execPath,
    join(APPS, 'fault-control.mjs'),
    ...commands.map((command) => JSON.stringify(command)),
  ];
}
