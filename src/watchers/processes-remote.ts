import type { Clock } from '../platform/clock.js';
import { commandText, type ProcessEntry, parseStat, parseUptime } from '../platform/process-table.js';
import { quoted } from '../platform/ssh.js';
import type { WatchPlanOf } from './plan.js';
import { markMains } from './processes-local.js';
import type { Member } from './roll.js';
import type { Sight } from './sight.js';

/** A process this young may still become another program (`exec`) or give itself a title, ms. */
const YOUNG_MS = 3000;
/** Command lines that are asked for at once. */
const COMMANDS_AT_ONCE = 300;

interface Table {
  entries: Map<number, ProcessEntry>;
  /** What stands in the pidfile; null where there is none. */
  pidfile: string | null;
  uptimeMs: number;
}

/** Looks for the watched processes of another machine: by its whole table of processes. */
export function createRemoteCensus(
  { pidfile, match }: WatchPlanOf<'processes'>,
  text: (script: string) => Promise<string>,
  clock: Clock,
): (sight: Sight) => Promise<{ members: Member[]; bootAt: number }> {
  const pattern = match === null ? null : new RegExp(match.source, match.flags);
  const script = `cat /proc/uptime || exit; ${
    pidfile === null ? '' : `cat -- ${quoted(pidfile)} 2>/dev/null && echo; `
  }echo; cat /proc/[0-9]*/stat 2>/dev/null; :`;
  const commands = new Map<string, string>();
  let known = new Map<number, Member>();
  let bootAt: number | null = null;
  let wasThere = false;

  const rootsOf = ({ entries, pidfile: content }: Table, sight: Sight): ProcessEntry[] => {
    if (pattern !== null) {
      sight.sees();
      return [...entries.values()].filter((entry) => pattern.test(commands.get(keyOf(entry)) ?? ''));
    }
    const pid = Number(content?.trim());
    if (content === null || !(pid > 0)) {
      if (!wasThere) sight.blind(content === null ? `there is no ${pidfile}` : `${pidfile} holds no process id`);
      return [];
    }
    wasThere = true;
    sight.sees();
    const main = entries.get(pid);
    return main === undefined ? [] : [main];
  };

  return async (sight) => {
    const from = clock.now();
    const table = parseTable(await text(script), pidfile !== null);
    bootAt ??= (from + clock.now()) / 2 - table.uptimeMs;
    const { entries, uptimeMs } = table;
    const isUnknown = (entry: ProcessEntry) => !commands.has(keyOf(entry)) || uptimeMs - entry.startedMs < YOUNG_MS;
    if (pattern !== null) await readCommands([...entries.values()].filter(isUnknown), commands, text);
    const roots = rootsOf(table, sight);
    const alive = [...known.values()].filter(({ pid, startedMs }) => entries.get(pid)?.startedMs === startedMs);
    const found = descend([...alive, ...roots], entries);
    if (pattern === null) await readCommands(found.filter(isUnknown), commands, text);
    known = new Map(
      found.map((entry) => [entry.pid, { ...entry, command: commands.get(keyOf(entry)) ?? '', main: false }]),
    );
    markMains(known, pattern === null ? roots : null);
    forget(commands, entries);
    return { members: [...known.values()], bootAt };
  };
}

/** First line the uptime, then the pidfile where one is asked for and there, an empty line, then the table. */
function parseTable(said: string, hasPidfile: boolean): Table {
  const [uptime = '', ...lines] = said.split('\n');
  const gap = lines.indexOf('');
  const content = hasPidfile && gap > 0 ? lines.slice(0, gap).join(' ') : null;
  const entries = lines.slice(gap + 1).flatMap((line) => (line === '' ? [] : (parseStat(line) ?? [])));
  return {
    entries: new Map(entries.map((entry) => [entry.pid, entry])),
    pidfile: content,
    uptimeMs: parseUptime(uptime),
  };
}

async function readCommands(
  entries: readonly ProcessEntry[],
  commands: Map<string, string>,
  text: (script: string) => Promise<string>,
): Promise<void> {
  const asked = entries.slice(0, COMMANDS_AT_ONCE);
  if (asked.length === 0) return;
  const pids = asked.map(({ pid }) => pid).join(' ');
  const said = await text(
    `for p in ${pids}; do printf '%s ' "$p"; head -c 4000 "/proc/$p/cmdline" 2>/dev/null | tr '\\0\\n' '  '; echo; done`,
  );
  const lines = new Map(said.split('\n').map((line) => [Number.parseInt(line, 10), line.replace(/^\d+ /, '')]));
  for (const entry of asked) commands.set(keyOf(entry), commandText(lines.get(entry.pid) ?? ''));
}

/** These processes and all that descend from them. */
function descend(from: readonly ProcessEntry[], entries: ReadonlyMap<number, ProcessEntry>): ProcessEntry[] {
  const found = new Map(from.map((entry) => [entry.pid, entry]));
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const entry of entries.values()) if (found.has(entry.parent)) found.set(entry.pid, entry);
  }
  return [...found.values()];
}

function forget(commands: Map<string, string>, entries: ReadonlyMap<number, ProcessEntry>): void {
  const keys = new Set([...entries.values()].map(keyOf));
  for (const key of commands.keys()) if (!keys.has(key)) commands.delete(key);
}

function keyOf({ pid, startedMs }: ProcessEntry): string {
  return `${pid} ${startedMs}`;
}
