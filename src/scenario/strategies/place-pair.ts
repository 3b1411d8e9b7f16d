import { gate } from './gate.js';
import type { Ready } from './options.js';
import { OLD_RELEASE } from './shell.js';
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

/**
 * Starts the old release again where it was stopped: a way back comes also before that, or in the middle of it. Whatever
 * listens there is left alone, healthy or not: nothing else could be started beside it.
 */
export const START_AGAIN = `command -v curl >/dev/null || fail "curl is not installed"
code=0
curl -s -o /dev/null --noproxy '*' --max-time 2 "http://$ADDRESS/" || code=$?
# 7: nothing listens there.
if [ "$code" -ne 7 ]; then
  echo "$SERVER still runs"
else
  ${OLD_RELEASE.replaceAll('\n', '\n  ')}
  (eval "$START")
fi`;

/** Two names for one place, or for none. */
export function checkPair(a: string, b: string, option: string, complain: Complain): void {
  if (a === b) complain(option, `\`${a}\` stands for both places: one serves while the other is made ready`);
}
