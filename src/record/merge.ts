import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ZddError } from '../model/errors.js';
import type { EndEvent, RunEvent, RunHeader, ShardHeader } from '../model/event.js';
import { formatMs } from '../model/units.js';
import { Recorder, STEPS_FOLDER } from './recorder.js';
import { journalOf, samplesOf } from './replay.js';
import { inMicroseconds, Rows } from './shard-rows.js';

/** A clock that cannot be told closer, or ran away further by the end: times of that shard prove little, ms. */
const CLOCK_LIMIT_MS = 25;

/** What a follower's journal adds to the conductor's: what its sending threads and its machine said of themselves. */
const OWN_EVENTS = ['harness', 'machine', 'pause', 'idle-closed', 'note'] as const;
type OwnEvent = Extract<RunEvent, { type: (typeof OWN_EVENTS)[number] }>;

/** The record of one shard. */
interface ShardRecord {
  dir: string;
  number: number;
  header: RunHeader;
  firstDueAt: number | null;
  due: number | null;
  recorded: number | null;
  end: EndEvent | null;
  own: OwnEvent[];
  clocks: { errorMs: number; offsetMs: number }[];
}

/**
 * Joins the records of the shards of one run in a new run directory: the conductor's journal with what the others said of
 * themselves, and every sample of all in the order of their end, in the conductor's time. A sample's due time is exactly
 * the one that the whole schedule gives it: the joined record counts like that of one process. The header names each shard
 * that is missing, was cut, or whose clock was off; `told` is what the conductor knows of them. Resolves with the
 * directory; throws SHARD_REFUSED where `dirs` are not shards of one run.
 */
export async function mergeRecords(
  dirs: readonly string[],
  into: (runId: string) => string,
  told: ReadonlyMap<number, readonly string[]> = new Map(),
): Promise<string> {
  const shards = await Promise.all(dirs.map(readShard));
  const { lead, others, of } = together(shards);
  const dir = into(lead.header.runId);
  let broken: string | null = null;
  const recorder = await Recorder.create(dir, {
    redact: (value) => value,
    listener: { event: () => {}, sample: () => {} },
    onFault: (reason) => {
      broken = reason;
    },
  });
  try {
    recorder.event(joinedHeader(lead, shards, of, told));
    await joinJournals(lead, others, recorder);
    await joinSamples([lead, ...others], recorder);
  } finally {
    await recorder.close();
  }
  if (broken !== null) throw new ZddError('OUTPUT_UNWRITABLE', broken);
  await cp(join(lead.dir, STEPS_FOLDER), join(dir, STEPS_FOLDER), { recursive: true, force: true }).catch(() => {});
  return dir;
}

async function readShard(dir: string): Promise<ShardRecord> {
  let shard: ShardRecord | null = null;
  for await (const event of journalOf(dir)) {
    if (event.type === 'header') {
      if (event.shard === undefined) {
        throw refused(`${dir} is the record of a whole run, not of a shard`);
      }
      const { number } = event.shard;
      const nothing = { firstDueAt: null, due: null, recorded: null, end: null };
      shard = { dir, number, header: event, ...nothing, own: [], clocks: [] };
    } else if (shard !== null) take(shard, event);
  }
  return shard as unknown as ShardRecord;
}

function take(shard: ShardRecord, event: RunEvent): void {
  if (event.type === 'traffic-started') shard.firstDueAt = event.firstDueAt;
  else if (event.type === 'traffic-ended') Object.assign(shard, { due: event.due, recorded: event.recorded });
  else if (event.type === 'end') shard.end = event;
  else if (event.type === 'shard-clock')
    shard.clocks.push({ errorMs: event.errorMs, offsetMs: event.leadAt - event.at });
  else if (shard.number > 1 && OWN_EVENTS.includes(event.type as OwnEvent['type'])) shard.own.push(event as OwnEvent);
}

/** The conductor's record and the others, all of one run. */
function together(shards: readonly ShardRecord[]): { lead: ShardRecord; others: ShardRecord[]; of: number } {
  const lead = shards.find(({ number }) => number === 1);
  if (lead === undefined) throw refused('the record of shard 1, which conducted the release, is not among them');
  const { runId, shard } = lead.header;
  const of = shard?.of ?? 1;
  for (const { dir, header } of shards) {
    if (header.runId !== runId) throw refused(`${dir} is of the run ${header.runId}, and ${lead.dir} of ${runId}`);
    if (header.shard?.of !== of) throw refused(`${dir} is of a run of ${header.shard?.of} shards, not of ${of}`);
    if (!isDeepStrictEqual(scheduleOf(header), scheduleOf(lead.header)))
      throw refused(`${dir} was sent by another schedule or version of zdd-verify than ${lead.dir}`);
  }
  const twice = shards.find(({ number }, index) => shards.findIndex((each) => each.number === number) !== index);
  if (twice !== undefined) throw refused(`there are two records of shard ${twice.number}`);
  const others = shards.filter((each) => each !== lead).toSorted((a, b) => a.number - b.number);
  return { lead, others, of };
}

/** What makes one schedule of all shards, by its numbers: texts are redacted, with what is a secret on each machine. */
function scheduleOf({ tool, target, traffic }: RunHeader) {
  const { streams, arrival, threads, flows, keepaliveShare, pool, client } = traffic;
  return {
    version: tool.version,
    timeoutMs: target.timeoutMs,
    rates: streams.map(({ rate }) => rate),
    flows: flows.map(({ weight, stream }) => ({ weight, stream })),
    ...{ arrival, threads, keepaliveShare, pool, client },
  };
}

function refused(message: string): ZddError {
  return new ZddError('SHARD_REFUSED', message, { hint: 'give the directories of all shards of one run' });
}

/** Why the share of one shard proves less than it should. */
function problemsOf(shard: ShardRecord, of: number): string[] {
  const name = `shard ${shard.number} of ${of}`;
  const { errorMs, driftMs } = clockOf(shard);
  const host = shard.header.environment.host ?? 'its machine';
  return [
    ...(shard.end === null ? [`${name} was cut: its record has no end`] : []),
    ...(shard.firstDueAt === null && shard.end !== null ? [`${name} never began to send`] : []),
    ...(shard.end?.faults ?? []).map((fault) => `${name} (${host}) says: ${fault}`),
    ...(errorMs === null ? [`${name} never asked for the conductor's clock`] : []),
    ...(errorMs !== null && errorMs > CLOCK_LIMIT_MS
      ? [`the clock of ${name} is known to ${formatMs(errorMs)} only: bring ${host} nearer to the conductor`]
      : []),
    ...(driftMs !== null && Math.abs(driftMs) > CLOCK_LIMIT_MS + (errorMs ?? 0)
      ? [`the clock of ${name} ran away by ${formatMs(Math.abs(driftMs))}: let ${host} follow a time server (chrony)`]
      : []),
  ];
}

function clockOf({ clocks }: ShardRecord): { errorMs: number | null; driftMs: number | null } {
  const [first, last] = [clocks[0], clocks.at(-1)];
  if (first === undefined || last === undefined) return { errorMs: null, driftMs: null };
  return { errorMs: first.errorMs, driftMs: clocks.length === 1 ? null : last.offsetMs - first.offsetMs };
}

/** Where the conductor ended the run before its traffic began, no shard was to send: what is missing of it is no problem. */
function joinedHeader(
  lead: ShardRecord,
  shards: readonly ShardRecord[],
  of: number,
  told: ReadonlyMap<number, readonly string[]>,
): RunHeader {
  const { shard: _, ...whole } = lead.header;
  const neverBegan = lead.firstDueAt === null && lead.end !== null;
  const rows = Array.from({ length: of }, (_, index): ShardHeader => {
    const number = index + 1;
    const known = told.get(number) ?? [];
    const record = shards.find((each) => each.number === number);
    if (record === undefined) {
      const problems = known.length > 0 || neverBegan ? [...known] : [`shard ${number} of ${of} left no record`];
      return { number, host: '', due: null, clockErrorMs: null, driftMs: null, problems };
    }
    const host = String(record.header.environment.host ?? '');
    // What goes wrong in the conductor is the run's own fault.
    if (number === 1) return { number, host, due: record.due, clockErrorMs: 0, driftMs: 0, problems: [] };
    const { errorMs, driftMs } = clockOf(record);
    const problems = [...new Set([...known, ...(neverBegan ? [] : problemsOf(record, of))])];
    return { number, host, due: record.due, clockErrorMs: errorMs, driftMs, problems };
  });
  return { ...whole, shards: rows };
}

/** The conductor's journal, with what the others said between its lines. */
async function joinJournals(lead: ShardRecord, others: readonly ShardRecord[], recorder: Recorder): Promise<void> {
  const own = others
    .flatMap((shard) => shard.own.map((event) => movedEvent(event, shard, shiftOf(shard, lead))))
    .sort((a, b) => a.at - b.at);
  let next = 0;
  const upTo = (at: number): void => {
    for (let event = own[next]; event !== undefined && event.at <= at; event = own[++next]) recorder.event(event);
  };
  for await (const event of journalOf(lead.dir)) {
    if (event.type === 'header') continue;
    upTo(event.type === 'end' ? Number.POSITIVE_INFINITY : event.at);
    if (event.type === 'traffic-ended') {
      const all = [lead, ...others];
      // Without every count there is none of the whole: the faults say whose is missing.
      if (all.some(({ due }) => due === null)) continue;
      const sum = (key: 'due' | 'recorded') => all.reduce((total, shard) => total + (shard[key] ?? 0), 0);
      recorder.event({ ...event, due: sum('due'), recorded: sum('recorded') });
    } else recorder.event(event.type === 'machine' ? { ...event, shard: 1 } : event);
  }
}

/** What has to be added to a shard's times so that they are the conductor's, ms. */
function shiftOf(shard: ShardRecord, lead: ShardRecord): number {
  return shard.firstDueAt === null || lead.firstDueAt === null ? 0 : lead.firstDueAt - shard.firstDueAt;
}

function movedEvent(event: OwnEvent, { number }: ShardRecord, shiftMs: number): OwnEvent {
  const at = inMicroseconds(event.at + shiftMs);
  if (event.type === 'pause') return { ...event, at, from: inMicroseconds(event.from + shiftMs) };
  if (event.type === 'machine') return { ...event, at, shard: number };
  if (event.type === 'note') return { ...event, at, text: `shard ${number}: ${event.text}` };
  return { ...event, at };
}

/** Every sample of all shards, in the order of their end. */
async function joinSamples(shards: readonly ShardRecord[], recorder: Recorder): Promise<void> {
  const [lead] = shards as [ShardRecord];
  const flows = lead.header.traffic.flows.map(({ name }) => name);
  const rows = shards.map((shard) => new Rows(samplesOf(shard.dir, flows), shiftOf(shard, lead)));
  for (const each of rows) await each.load();
  let unwritten = 0;
  for (;;) {
    const left = rows.filter(({ nextEndedAt }) => nextEndedAt !== null);
    if (left.length === 0) return;
    const first = left.reduce((a, b) => ((b.nextEndedAt as number) < (a.nextEndedAt as number) ? b : a));
    const others = left.filter((each) => each !== first).map(({ nextEndedAt }) => nextEndedAt as number);
    const batch = first.takeUntil(Math.min(...others) + SLACK_MS);
    recorder.samples(batch);
    await first.load();
    unwritten += batch.count;
    if (unwritten < MOST_UNWRITTEN) continue;
    await recorder.flush();
    unwritten = 0;
  }
}

/** Samples that wait in memory for the disk at most. */
const MOST_UNWRITTEN = 50_000;
/** Samples of two shards are that far out of order at most, which a record bears: pieces are not single rows then, ms. */
const SLACK_MS = 20;
