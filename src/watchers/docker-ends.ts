import { constants } from 'node:os';
import type { EngineEvent } from '../platform/docker-engine.js';
import { whole } from '../platform/docker-json.js';
import type { WatchContext } from './watcher.js';

/** The engine may tell of a death before it tells of the signal that brought it. */
const SETTLES_MS = 500;
/** Signals that end a container; others are told as well, and end nothing. */
const ENDING: readonly string[] = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGWINCH'];
const NAMES = new Map(Object.entries(constants.signals).map(([name, number]) => [number as number, name]));

/** How the containers that are watched come to their end, by the engine's events. */
export interface Ends {
  /** `subject` is what the container is called. */
  event(event: EngineEvent, subject: string): void;
  /** `, sent SIGTERM`, for its state; empty where no signal was sent. */
  suffix(id: string): string;
  /** Tells of those that ended without a signal, once it is certain; `all`: there is no time to wait for that. */
  settle(all: boolean): void;
  /** Events were missed: what is open is not known any more. */
  forget(): void;
}

/** Containers that are kept in mind, and incidents that are told: no engine at work comes near. */
const MOST = 1000;

interface Signalled {
  name: string;
  at: number;
}

/** `crashes`: whether ends without a signal are incidents. */
export function createEnds({ record, clock }: WatchContext, crashes: boolean): Ends {
  let told = 0;
  const incident = (subject: string, detail: string, at?: number): void => {
    told += 1;
    if (told <= MOST) record({ what: 'incident', subject, detail: `${subject} ${detail}` }, at);
    if (told === MOST + 1) record({ what: 'unseen', detail: `more than ${MOST} ends of containers` });
  };
  const signalled = new Map<string, Signalled>();
  const died = new Map<string, { subject: string; exitCode: number; at: number }>();

  const killed = (id: string, subject: string, name: string): void => {
    const before = signalled.get(id);
    const death = died.get(id);
    died.delete(id);
    if (name === 'SIGKILL' && before?.name !== 'SIGKILL') {
      const why =
        before !== undefined && ENDING.includes(before.name)
          ? ` ${((clock.now() - before.at) / 1000).toFixed(1)} s after ${before.name}: it had not ended by itself`
          : '';
      incident(subject, `was killed (SIGKILL)${why}`);
    }
    if (death === undefined && signalled.size < MOST) signalled.set(id, { name, at: clock.now() });
  };

  return {
    event({ action, id, attributes }, subject) {
      if (action === 'kill') killed(id, subject, signalName(attributes.signal));
      else if (action === 'oom') incident(subject, 'ran out of memory: the kernel killed a process of it');
      else if (action === 'start' || action === 'destroy') signalled.delete(id);
      else if (action === 'die') {
        const exitCode = whole(attributes.exitCode) ?? -1;
        const wasTold = ENDING.includes(signalled.get(id)?.name ?? '');
        if (crashes && !wasTold && exitCode !== 0 && died.size < MOST)
          died.set(id, { subject, exitCode, at: clock.now() });
      }
    },
    suffix(id) {
      const name = signalled.get(id)?.name;
      return name === undefined ? '' : `, sent ${name}`;
    },
    settle(all) {
      for (const [id, { subject, exitCode, at }] of died) {
        if (!all && clock.now() - at < SETTLES_MS) continue;
        died.delete(id);
        incident(subject, `ended by itself with exit code ${exitCode}`, at);
      }
    },
    forget() {
      signalled.clear();
      died.clear();
    },
  };
}

/** Engines say the number, some the name. */
function signalName(given: unknown): string {
  const number = whole(given);
  if (number !== null) return NAMES.get(number) ?? `signal ${number}`;
  return typeof given === 'string' && /^(?:SIG)?[A-Z0-9+-]{1,12}$/.test(given)
    ? `SIG${given.replace(/^SIG/, '')}`
    : 'a signal';
}
