import type { Connection } from '../platform/postgres-connection.js';
import { createServerClock } from './postgres-clock.js';
import { createLoad } from './postgres-load.js';
import { type Look, lookAtSessions, lookForWaits, type SessionRow, type Waiting } from './postgres-queries.js';
import { isClient, relationOf, sessionOf } from './postgres-sessions.js';
import type { WatchContext } from './watcher.js';

/** Waits that are put on record one by one: of each phase, and of the run. */
const KEPT_OF_PHASE = 500;
const KEPT = 5000;
/** Sessions that are asked about at once. */
const ASKED_AT_ONCE = 100;
/** How often it is asked who is waited for, where nobody is at first. */
const ASKED_AGAIN = 3;

/** A session that waits. Times are of the run's clock. */
interface Open extends Waiting {
  began: number;
  errorMs: number;
  seenAt: number;
  asked: number;
  behind: number[];
  /** Its session is of no client of this database. */
  foreign: boolean;
  recorded: boolean;
}

export interface LockTracer {
  /** Who waits now; rejects where the server does not say. */
  look(connection: Connection): Promise<void>;
  /** Whether somebody waited at the last look. */
  anyWaits(): boolean;
  /** What there is to say once a second. */
  second(): void;
  /** The server can no longer be asked: how the waits end is not known. */
  lost(): void;
  /** Another phase has begun. */
  phase(): void;
}

/**
 * Follows waits for locks by looking again and again. When one began the server itself says; that it is over is seen at
 * the next look.
 */
export function createLockTracer({ clock, record }: Pick<WatchContext, 'clock' | 'record'>): LockTracer {
  const server = createServerClock();
  const load = createLoad();
  const open = new Map<number, Open>();
  const sessions = new Map<number, SessionRow>();
  let lastLookAt: number | null = null;
  let looks = { looks: 0, gapMs: 0, dropped: 0 };
  let kept = { ofPhase: 0, all: 0 };

  const ended = (wait: Open, goneAt: number | null): void => {
    open.delete(wait.pid);
    const { pid, began: since, seenAt, recorded } = wait;
    if (recorded) record({ what: 'lock-wait-ended', pid, since, seenAt, goneAt });
    else if (!wait.foreign) looks.dropped += 1;
  };

  /** Takes over who waits now. One whose start is not known yet has waited for microseconds: the next look will tell. */
  const takeOver = ({ waits }: Look, knowsStarts: boolean, now: number): void => {
    const present = new Map(waits.map((wait) => [wait.pid, wait]));
    for (const wait of [...open.values()]) {
      const still = present.get(wait.pid);
      if (still !== undefined && (still.since === null || still.since === wait.since)) wait.seenAt = now;
      else ended(wait, now);
    }
    for (const wait of waits) {
      if (open.has(wait.pid) || (wait.since === null && knowsStarts)) continue;
      const gap = lastLookAt === null ? 0 : now - lastLookAt;
      const began = wait.since === null ? now - gap / 2 : Math.min(now, server.toRun(wait.since));
      const errorMs = server.errorMs() + (wait.since === null ? gap / 2 : 0);
      const fresh = { asked: 0, behind: [], foreign: false, recorded: false };
      open.set(wait.pid, { ...wait, began, errorMs, seenAt: now, ...fresh });
    }
  };

  const put = (wait: Open): void => {
    const row = sessions.get(wait.pid);
    const relation = relationOf(wait, row);
    const show = (pid: number | undefined) => {
      const session = pid === undefined ? undefined : sessions.get(pid);
      return session === undefined ? null : sessionOf(session, relation, server);
    };
    const { pid, began: since, errorMs, locktype, mode, behind } = wait;
    const waiting = show(pid) ?? { ...NOBODY, pid };
    const [ahead, blocker] = [show(behind[0]), show(headOf(wait, open))];
    record({ what: 'lock-wait', pid, since, errorMs, locktype, relation, mode, waiting, behind, ahead, blocker });
  };

  /** Asks about the waits that are new, and puts them on record. */
  const ask = async (connection: Connection): Promise<void> => {
    const unknown = [...open.values()].filter(
      ({ asked, behind, foreign }) => !foreign && (asked === 0 || (behind.length === 0 && asked < ASKED_AGAIN)),
    );
    const asked = unknown.slice(0, ASKED_AT_ONCE);
    if (asked.length === 0) return;
    const rows = await lookAtSessions(connection, asked);
    for (const row of rows) sessions.set(row.pid, row);
    for (const wait of asked) {
      const row = sessions.get(wait.pid);
      wait.asked += 1;
      wait.behind = row?.behind ?? [];
      wait.foreign = row !== undefined && !isClient(row);
    }
    for (const wait of asked) {
      if (wait.foreign || (wait.recorded && wait.behind.length === 0)) continue;
      if (!wait.recorded && (kept.ofPhase >= KEPT_OF_PHASE || kept.all >= KEPT)) continue;
      if (!wait.recorded) kept = { ofPhase: kept.ofPhase + 1, all: kept.all + 1 };
      wait.recorded = true;
      put(wait);
    }
  };

  return {
    async look(connection) {
      const sentAt = clock.now();
      const look = await lookForWaits(connection);
      server.reading(sentAt, look.now, clock.now());
      const now = server.toRun(look.now);
      takeOver(look, connection.knowsStarts, now);
      if (open.size === 0) sessions.clear();
      else await ask(connection);
      load.look(
        now,
        [...open.values()].filter(({ foreign }) => !foreign).map(({ began }) => began),
      );
      looks.looks += 1;
      looks.gapMs = Math.max(looks.gapMs, lastLookAt === null ? 0 : now - lastLookAt);
      lastLookAt = now;
    },
    anyWaits: () => open.size > 0,
    second() {
      if (lastLookAt === null) return;
      record({ what: 'lock-looks', ...looks, gapMs: Math.round(looks.gapMs * 1000) / 1000 });
      looks = { looks: 0, gapMs: 0, dropped: 0 };
      const { waiting, blockedMs } = load.second();
      record({ what: 'value', subject: 'waiting', value: waiting, unit: 'count' });
      record({ what: 'value', subject: 'blocked_ms', value: blockedMs, unit: 'ms' });
    },
    lost() {
      for (const wait of [...open.values()]) ended(wait, null);
      sessions.clear();
      load.lost();
      lastLookAt = null;
    },
    phase() {
      kept.ofPhase = 0;
    },
  };
}

const NOBODY = {
  application: null,
  user: null,
  statement: null,
  state: null,
  beganAt: null,
  transactionAt: null,
  holds: null,
};

/** The first one on the way along the queue that waits for nobody itself; none where it ends in a circle. */
function headOf(wait: Open, open: ReadonlyMap<number, Open>): number | undefined {
  const known = new Set([wait.pid]);
  const ahead = [...wait.behind];
  for (const pid of ahead) {
    if (known.has(pid)) continue;
    known.add(pid);
    const further = open.get(pid);
    if (further === undefined) return pid;
    ahead.push(...further.behind);
  }
  return undefined;
}
