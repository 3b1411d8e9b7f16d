import { type Asked, isOwnAnswer } from './client.js';
import { type Entry, filled, type Ledger } from './ledger-book.js';
import { pause } from './schedule.js';

/** An entry that is missing is asked for so often, over a second, before it can be called lost. */
const TRIES = 3;
const TRY_EVERY_MS = 500;
/** A reader may lag behind a writer for so long: what it does not show meanwhile is no miss. */
const LAG_MS = 2000;
/** The list is asked for again no sooner than this, ms. */
const LIST_LEAST_MS = 250;
/** Reads under way at once. */
const LANES = 16;
const BETWEEN = { most: 600, perSec: 100 };
/** Again and again after that, so that a loss is found in the step in which it happened. */
const SPOT = { most: 40, perSec: 20, everyMs: 2000 };
const LAST = { most: 20_000, perSec: 500, withinMs: 50_000, rounds: 3, againAfterMs: 1000 };
/** Of a selection, the share that is the newest entries; the rest is spread over the others. */
const NEWEST = 0.75;

/** While the release goes on: reads back what was acknowledged so far, then a part of it time and again, until the next such reading begins. */
export async function readBetween(ledger: Ledger): Promise<void> {
  const { context } = ledger;
  ledger.pass += 1;
  const own = ledger.pass;
  const over = (): boolean => ledger.pass !== own || context.stopping.aborted;
  await readAll(ledger, selected(held(ledger), BETWEEN.most), BETWEEN.perSec, over);
  if (ledger.options.list !== null && !over()) await readList(ledger);
  while (!over()) {
    await pause(context, SPOT.everyMs);
    await readAll(ledger, selected(held(ledger), SPOT.most), SPOT.perSec, over);
  }
}

/** When all is done: reads back every acknowledged entry, the lost ones too, some again where the target does not answer. */
export async function readLast(ledger: Ledger): Promise<void> {
  const { client, context } = ledger;
  const { clock, signal } = context;
  const endAt = clock.now() + LAST.withinMs;
  const all = ledger.book.entries.filter(({ state }) => state !== 'unknown');
  let left = selected(all, LAST.most);
  const leftOut = all.length - left.length;
  for (let round = 0; round < LAST.rounds && left.length > 0 && clock.now() < endAt; round += 1) {
    if (round > 0) await clock.sleep(LAST.againAfterMs, signal);
    left = await readAll(ledger, left, LAST.perSec, () => clock.now() >= endAt);
  }
  client.gauge('unread', leftOut + left.length);
  for (const entry of held(ledger)) if (isMissed(entry)) client.failed(entry.missing);
  if (ledger.options.list === null) return;
  const unlisted = (): number => held(ledger).filter(({ listed }) => !listed).length;
  for (let round = 0; round < LAST.rounds && (round === 0 || unlisted() > 0); round += 1) {
    if (round > 0) await clock.sleep(LAST.againAfterMs, signal);
    await readList(ledger);
  }
  client.gauge('unlisted', unlisted());
}

/** Reads one entry back. False where nobody knows yet whether it is there, so that it is to be read again. */
export async function readOne(ledger: Ledger, entry: Entry): Promise<boolean> {
  const { clock, signal } = ledger.context;
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) await clock.sleep(TRY_EVERY_MS, signal);
    const answer = await lookFor(ledger, entry, attempt === 0 ? 'reused' : 'fresh');
    if (answer !== 'missing') return answer === 'found';
    if (entry.misses >= TRIES) return decide(ledger, entry);
  }
}

/** Lost is what is missing still after another entry was found: else the reads themselves may not work. */
async function decide(ledger: Ledger, entry: Entry): Promise<boolean> {
  if (entry.state === 'lost') return true;
  const other = ledger.found.find((each) => each !== entry);
  if (other === undefined || (await lookFor(ledger, other, 'fresh')) !== 'found') return false;
  const answer = await lookFor(ledger, entry, 'fresh');
  const { missing, state, heldAt, key } = entry;
  if (answer === 'missing' && missing !== null && state === 'held') {
    entry.state = 'lost';
    ledger.client.fault('lost', heldAt, `${key}: ${missing.detail}`, { at: missing.result.endedAt });
  }
  return answer !== 'unanswered';
}

/** Asks for an entry once, and notes what comes. */
async function lookFor(
  ledger: Ledger,
  entry: Entry,
  on: 'fresh' | 'reused',
): Promise<'found' | 'missing' | 'unanswered'> {
  const { client } = ledger;
  const asked = await askFor(ledger, entry, on);
  if (asked.fate === 'ok') {
    if (isMissed(entry)) client.failed(entry.missing, entry.state === 'lost' ? { instead: 'lost' } : {});
    Object.assign(entry, { state: 'held', heldAt: asked.result.endedAt, wasRead: true, missing: null, misses: 0 });
    ledger.found = [entry, ...ledger.found.filter((each) => each !== entry)].slice(0, 2);
    client.count('read');
    return 'found';
  }
  if (!isOwnAnswer(asked)) {
    if (asked.fate === 'failed') client.failed(asked);
    return 'unanswered';
  }
  entry.missing ??= asked;
  if (asked.result.sentAt >= entry.heldAt + LAG_MS) entry.misses += 1;
  return 'missing';
}

/** Whether users missed it: what was never read may still be on its way to a reader that lags. */
function isMissed(entry: Entry): entry is Entry & { missing: Asked } {
  return entry.missing !== null && (entry.wasRead || entry.misses > 0);
}

/** Reads the list again before those acknowledged since fill half of what it shows: it may hold the newest alone. */
export async function keepListed(ledger: Ledger): Promise<void> {
  const { askedAt, shown, since } = ledger.list;
  if (since * 2 >= shown && ledger.context.clock.now() - askedAt >= LIST_LEAST_MS) await readList(ledger);
}

/** Asks for the list, in which no entry may stand twice. False where it cannot be held to that. */
export async function readList(ledger: Ledger): Promise<boolean> {
  const { client, context, options, book, list } = ledger;
  if (options.list === null) return true;
  const { since } = list;
  Object.assign(list, { askedAt: context.clock.now(), since: 0 });
  let counts = new Map<string, number>();
  const asked = await client.ask(filled(options.list, { key: '', id: '' }), {
    on: 'fresh',
    name: 'list',
    keepBody: true,
    judge: ({ body }) => {
      counts = countKeys(body?.toString('utf8') ?? '', book.prefix);
      return counts.size === 0 && !client.ready ? 'the list does not show the key' : null;
    },
  });
  if (asked.fate === 'failed' && asked.outcome.kind !== 'ok') client.failed(asked);
  if (asked.fate !== 'ok') {
    list.since += since;
    return false;
  }
  list.shown = counts.size;
  // One entry may show its key more than once: as often as those do that were sent once.
  const once = book.entries.filter(({ key, sends }) => sends === 1 && counts.has(key));
  if (ledger.keyTimes === null && once.length > 0) {
    ledger.keyTimes = Math.min(...once.slice(0, 1000).map(({ key }) => counts.get(key) as number));
  }
  const times = ledger.keyTimes ?? 1;
  for (const entry of book.entries) {
    const count = counts.get(entry.key) ?? 0;
    if (count > 0 && asked.result.sentAt >= entry.ackedAt) entry.listed = true;
    if (entry.doubled || count <= times) continue;
    entry.doubled = true;
    client.fault('duplicated', entry.beganAt, `${entry.key} stands ${Math.round(count / times)} times in the list`);
  }
  return true;
}

function held({ book }: Ledger): Entry[] {
  return book.entries.filter(({ state }) => state === 'held');
}

/** All, or the newest and a sample of the others, the newest first. */
function selected(entries: Entry[], most: number): Entry[] {
  const newestFirst = entries.toReversed();
  if (newestFirst.length <= most) return newestFirst;
  const newest = Math.floor(most * NEWEST);
  const older = newestFirst.slice(newest);
  const step = older.length / (most - newest);
  const sample = Array.from({ length: most - newest }, (_, index) => older[Math.floor(index * step)] as Entry);
  return [...newestFirst.slice(0, newest), ...sample];
}

/** Reads entries at a bounded rate; what was not answered, or not asked for before it was over. */
async function readAll(ledger: Ledger, entries: Entry[], perSec: number, over: () => boolean): Promise<Entry[]> {
  const { clock, signal } = ledger.context;
  const beganAt = clock.now();
  const left: Entry[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < entries.length; index = next++) {
      const entry = entries[index] as Entry;
      if (!over()) await clock.sleep(beganAt + (index * 1000) / perSec - clock.now(), signal);
      if (over() || !(await readOne(ledger, entry))) left.push(entry);
    }
  };
  await Promise.all(Array.from({ length: Math.min(LANES, entries.length) }, lane));
  return left;
}

function askFor(ledger: Ledger, entry: Entry, on: 'fresh' | 'reused'): Promise<Asked> {
  return ledger.client.ask(filled(ledger.options.read, entry), {
    on,
    name: 'read',
    keepBody: ledger.keyShown !== false,
    judge: ({ body }) => {
      if (ledger.keyShown === false) return null;
      const shown = body?.includes(entry.key) === true;
      ledger.keyShown ??= shown;
      return shown || !ledger.keyShown ? null : 'the answer does not show the key';
    },
  });
}

function countKeys(text: string, prefix: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [key] of text.matchAll(new RegExp(`${prefix}\\d{6,}`, 'g'))) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
