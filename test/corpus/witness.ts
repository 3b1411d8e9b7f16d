import { fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What was seen of one port: when it began and ceased to be listened on. */
export interface Seen {
  at: number;
  listening: boolean;
  /** The look before, at which it was still the other way; null for the first. */
  before: number | null;
}

/** What the witness saw, in milliseconds of wall-clock time. */
export interface Testimony {
  /** By the port's distance from the first. */
  ports: Seen[][];
  /**
   * By port as well: looks that came later than they should have, unless both saw the same socket, which listened in
   * between. Where they did not, nothing is known of that time.
   */
  blind: { from: number; to: number }[][];
}

export interface Witness {
  /** What it has seen; it looks no more. */
  end(): Promise<Testimony>;
}

/** Looks further apart than this are noted. */
const BLIND_MS = 50;

/**
 * A process beside the run that looks every few milliseconds which of the ports are listened on, in the kernel's own
 * list. It sends nothing, so it neither disturbs the run nor depends on anything zdd-verify does.
 */
export async function startWitness(firstPort: number, ports: number): Promise<Witness> {
  const child = fork(
    fileURLToPath(new URL('witness-process.ts', import.meta.url)),
    [String(firstPort), String(ports)],
    // Started where jiti is found; out of reach of the terminal's interrupt, because it looks until it is asked.
    { execArgv: ['--import', 'jiti/register'], cwd: dirname(fileURLToPath(import.meta.url)), detached: true },
  );
  const lost = once(child, 'exit').then(([code]) => {
    throw new Error(`the witness of the listening sockets ended by itself (${code})`);
  });
  lost.catch(() => {});
  const said = (): Promise<unknown> => Promise.race([once(child, 'message').then(([message]) => message), lost]);
  await said();
  let testimony: Promise<Testimony> | null = null;
  return {
    end: () => {
      if (testimony === null) {
        testimony = said() as Promise<Testimony>;
        child.send('end');
      }
      return testimony;
    },
  };
}

/** Turns looks into what changed between them. A look has the sockets that listen on each port, by any name of theirs. */
export function newRecord(ports: number): { testimony: Testimony; look(at: number, listening: string[][]): void } {
  const each = <T>(): T[][] => Array.from({ length: ports }, () => []);
  const testimony: Testimony = { ports: each(), blind: each() };
  let last: { at: number; listening: string[][] } | null = null;
  return {
    testimony,
    look: (at, listening) => {
      for (const [index, seen] of testimony.ports.entries()) {
        const sockets = listening[index] ?? [];
        const isSame = sockets.some((socket) => last?.listening[index]?.includes(socket));
        if (last !== null && at - last.at > BLIND_MS && !isSame)
          testimony.blind[index]?.push({ from: last.at, to: at });
        const now = sockets.length > 0;
        if (seen.at(-1)?.listening !== now) seen.push({ at, listening: now, before: last?.at ?? null });
      }
      last = { at, listening };
    },
  };
}

/** A time without a listener: at least and at most, ms. One that a single look saw lasted no time at least. */
export interface Gap {
  atLeastMs: number;
  atMostMs: number;
}

/** The longest one between `from` and `to`; null where there was none. */
export function longestGap(seen: readonly Seen[], from: number, to: number): Gap | null {
  let longest: Gap | null = null;
  for (const [index, { at, listening, before }] of seen.entries()) {
    if (listening) continue;
    const next = seen[index + 1];
    const lastMissing = next === undefined ? to : (next.before ?? next.at);
    const gap = {
      atLeastMs: Math.max(0, Math.min(lastMissing, to) - Math.max(at, from)),
      atMostMs: Math.min(next?.at ?? to, to) - Math.max(before ?? at, from),
    };
    // Outside of the window there is nothing of it.
    if (gap.atMostMs > (longest?.atMostMs ?? 0)) longest = gap;
  }
  return longest;
}

/** The longest time in that window of which nothing is known of the port, where it is worth a note. */
export function longestBlindness({ blind }: Testimony, port: number, from: number, to: number): number {
  return Math.max(0, ...(blind[port] ?? []).map((each) => Math.min(each.to, to) - Math.max(each.from, from)));
}
