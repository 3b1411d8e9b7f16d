import { randomBytes } from 'node:crypto';
import type { PhaseKind } from '../model/phase.js';
import type { RequestPlan } from '../wire/plan.js';
import { textAt } from './answer-text.js';
import { type Asked, type Client, nameOf, withClient } from './client.js';
import { type Book, type Entry, filled, type Ledger, needs } from './ledger-book.js';
import { keepListed, readBetween, readLast, readList, readOne } from './ledger-reads.js';
import type { ProbeOptions } from './plan.js';
import type { Probe, ProbeContext } from './probe.js';
import { pause, repeat } from './schedule.js';

/** Before a write without an answer is sent again, as clients with idempotency keys do. */
const AGAIN_AFTER_MS = 250;
const MOST_ENTRIES = 100_000;
const MOST_ID = 200;

/** Writes entries and reads every acknowledged one back, through the release and after its last step. */
export const ledger: Probe<'ledger'> = {
  name: 'ledger',
  async run(options, context) {
    await withClient(context, context.plan.endpoint, async (client) => {
      const own = newLedger(client, context, options);
      const errors: unknown[] = [];
      const passes: Promise<unknown>[] = [];
      context.onPhase(({ kind }) => {
        if (isBefore(kind)) return;
        passes.push(readBetween(own).catch((error) => errors.push(error)));
      });
      await repeat(context, options.everyMs, (number) => write(own, number));
      await Promise.all(passes);
      if (errors.length > 0) throw errors[0];
      await readLast(own);
    });
  },
};

function newLedger(client: Client, context: ProbeContext, options: ProbeOptions['ledger']): Ledger {
  const book: Book = { prefix: `zdd-${randomBytes(6).toString('hex')}-`, entries: [] };
  const list = { askedAt: Number.NEGATIVE_INFINITY, shown: 0, since: 0 };
  return { client, context, options, book, keyShown: null, keyTimes: null, pass: 0, found: [], list };
}

function isBefore(kind: PhaseKind): boolean {
  return kind === 'warmup' || kind === 'baseline';
}

async function write(own: Ledger, number: number): Promise<void> {
  const { client, context, book } = own;
  if (book.entries.length >= MOST_ENTRIES) {
    client.count('notWritten');
    return;
  }
  const entry = newEntry(book, number, context.clock.now());
  let asked = await send(own, entry, number % 2 === 0 ? 'fresh' : 'reused', 'write');
  if (asked.fate === 'failed') client.failed(asked);
  if (mayExist(asked)) {
    entry.sends = 2;
    if (own.options.keyHeader !== null) {
      await pause(context, AGAIN_AFTER_MS);
      asked = await send(own, entry, 'fresh', 'write again');
    }
    if (asked.fate !== 'ok') client.count('unknown');
  }
  if (asked.fate !== 'ok') return;
  entry.state = 'held';
  entry.heldAt = asked.result.endedAt;
  entry.ackedAt = entry.heldAt;
  client.count('acknowledged');
  own.list.since += 1;
  if (client.ready) await keepListed(own);
  else await prove(own, entry);
}

function newEntry({ prefix, entries }: Book, number: number, at: number): Entry {
  const key = `${prefix}${String(number).padStart(6, '0')}`;
  const entry: Entry = {
    key,
    id: '',
    state: 'unknown',
    beganAt: at,
    ackedAt: at,
    heldAt: at,
    wasRead: false,
    missing: null,
    misses: 0,
    listed: false,
    sends: 1,
    doubled: false,
  };
  entries.push(entry);
  return entry;
}

function send({ client, options }: Ledger, entry: Entry, on: 'fresh' | 'reused', name: string): Promise<Asked> {
  const { write: plan, keyHeader, id } = options;
  const request = filled(plan, entry);
  const headers = keyHeader === null ? request.headers : { ...request.headers, [keyHeader]: entry.key };
  return client.ask(
    { ...request, headers },
    {
      on,
      name,
      keepBody: id.from === 'json',
      judge: (result) => {
        if (!needs(options.read, 'id')) return null;
        const found = textAt(id, result);
        // It becomes part of a request: what is no plain text stays out of it.
        const usable = found !== null && found.length <= MOST_ID && /^[\x21-\x7e]+$/.test(found);
        if (usable) entry.id = found;
        return usable ? null : 'no id in the answer';
      },
    },
  );
}

/** Without an answer nobody knows whether it was written, unless it never left or the server said that it was not. */
function mayExist({ outcome, result }: Asked): boolean {
  if (outcome.kind === 'wrong') return outcome.status >= 500;
  if (outcome.kind !== 'lost' || result.writtenAt === null) return false;
  return outcome.cause !== 'goaway' && outcome.cause !== 'refused-stream';
}

/** The first entry that can be read back, and stands in the list, shows that the probe can find a loss. */
async function prove(own: Ledger, entry: Entry): Promise<void> {
  const { client, options } = own;
  if (!(await readOne(own, entry)) || entry.state !== 'held') return;
  if (options.list !== null && !(await readList(own))) return;
  client.sayReady(detailOf(options, own.keyShown));
}

function detailOf({ write: plan, read, list, everyMs }: ProbeOptions['ledger'], keyShown: boolean | null): string {
  const named = (request: RequestPlan | null): string => (request === null ? '' : ` and ${nameOf(request)}`);
  const shown = keyShown === true ? '' : '; the read does not show the key, so that only its status counts';
  return `${nameOf(plan)} every ${everyMs} ms, read back by ${nameOf(read)}${named(list)}${shown}`;
}
