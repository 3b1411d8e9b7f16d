import { gate } from './gate.js';
import type { Ready } from './options.js';
import type { Complain, StepText, Surroundings } from './strategy.js';

/** A place in which the app can run, beside another one. */
export interface Place {
  server: string;
  /** `http://127.0.0.1:8001`. */
  url: string;
}

export interface PairOptions {
  release: string;
  start: string;
  stop?: string | undefined;
  build?: string | undefined;
  migrate?: string | undefined;
  ready?: Ready;
}

/** What `start` and `stop` find in their environment. */
function placeEnv({ server, url }: Place, release: string | null): Record<string, string> {
  const { hostname, port, protocol } = new URL(url);
  const number = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return {
    SERVER: server,
    ADDRESS: `${hostname}:${number}`,
    PORT: number,
    ...(release === null ? {} : { RELEASE: release }),
  };
}

/** A script of ours that also runs one of the user's. */
export function withPlace({ run, env }: Pick<StepText, 'run' | 'env'>, place: Place, release: string | null = null) {
  return { run, env: { ...env, ...placeEnv(place, release) } };
}

/**
 * The steps before the switch: what the release before last has left in the idle place is stopped, and the new one is
 * started there and asked until it is ready. It gets no traffic yet.
 */
export function startSteps(
  { release, start, stop, build, migrate, ready }: PairOptions,
  { record, idle, around }: { record: Pick<StepText, 'run' | 'env'>; idle: Place; around: Surroundings },
): StepText[] {
  const env = { RELEASE: release };
  const there = placeEnv(idle, release);
  return [
    ...(build === undefined ? [] : [{ name: 'build', kind: 'build' as const, run: build, env }]),
    { name: 'record', kind: 'build', ...record },
    ...(stop === undefined ? [] : [{ name: 'clear', kind: 'build' as const, run: stop, env: there }]),
    ...(migrate === undefined ? [] : [{ name: 'migrate', kind: 'migrate' as const, run: migrate, env }]),
    {
      name: 'start',
      kind: 'warm',
      run: start,
      env: there,
      ready: gate({ ready, around, release, at: idle.url, consecutive: 3 }),
    },
  ];
}

/** Two names for one place, or for none. */
export function checkPair(a: string, b: string, option: string, complain: Complain): void {
  if (a === b) complain(option, `\`${a}\` stands for both places: one serves while the other is made ready`);
}
