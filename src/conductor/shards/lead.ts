import { createHash, timingSafeEqual } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Order } from '../../engine/protocol.js';
import { SHARD_NOTICE_MS } from '../../engine/traffic.js';
import { messageOf, ZddError } from '../../model/errors.js';
import { type Clock, every } from '../../platform/clock.js';
import { BEAT_MS, farewell, HANDED_OVER, LOST_MS, MOST_BYTES, type OrderLine } from './protocol.js';

/** A record of a follower is no larger, bytes. */
const MOST_RECORD_BYTES = 16 * 2 ** 30;
/** So long are last words under way at most, ms. */
const FAREWELL_MS = 200;
/** How long followers may take to load what sends, ms. */
const READY_WITHIN_MS = 60_000;

export interface LeadOptions {
  /** Shards in all, this one counted. */
  of: number;
  host: string;
  port: number;
  /** Only who knows it is let in. */
  token: string;
  /** How long is waited for the others, ms. */
  joinWithinMs: number;
  /** How long nothing of a follower's record may come once the traffic has ended, ms. */
  recordWithinMs: number;
  /** See `planDigest`. */
  digest: string;
  /** Sending threads of each shard. */
  threads: number;
  runId: string;
  seed: number;
  startedAt: Date;
  clock: Clock;
  /** Where the record of shard `number` is put. */
  recordOf(number: number): string;
}

/** The shard that conducts: the others join it, follow its orders and hand their records over. */
export interface Lead {
  of: number;
  /** Where it listens. */
  url: string;
  /** Waits until every shard has joined; the reasons where they did not in time. */
  joined(signal: AbortSignal, onProgress: (joined: number) => void): Promise<string[]>;
  /** Lets the schedule begin everywhere; when, ms since the run's start. Rejects where a shard is not ready. */
  begin(): Promise<number>;
  /** Passes on what was ordered here. */
  order(order: Order): void;
  /** Waits until each shard has handed its record over or is lost, or it is interrupted; where the whole records are. */
  finished(isInterrupted: () => boolean, onProgress: (left: number) => void): Promise<string[]>;
  /** Of each shard, why its share of the traffic is not what it should be. */
  problems(): Map<number, string[]>;
  /** Ends the service; followers that still wait are told the reason. */
  close(reason: string): Promise<void>;
}

interface Follower {
  number: number;
  orders: ServerResponse;
  host: string;
  heardAt: number;
  /** When the latest piece of its record came. */
  recordAt: number;
  ready: boolean;
  handedOver: boolean;
  lost: string | null;
}

/** Listens for the other shards. Throws USAGE where it cannot. */
export async function startLead(options: LeadOptions): Promise<Lead> {
  const { clock, of } = options;
  const followers = new Map<number, Follower>();
  const problems = new Map<number, string[]>();
  let begun = false;
  const isWorking = (follower: Follower): boolean => follower.lost === null && !follower.handedOver;

  const complain = ({ number, host }: Follower, what: string): void => {
    problems.set(number, [...(problems.get(number) ?? []), `shard ${number} of ${of} (${host}) ${what}`]);
  };
  const lose = (follower: Follower, why: string): void => {
    if (!isWorking(follower)) return;
    if (!begun) {
      // Another may take its place.
      followers.delete(follower.number);
      follower.lost = why;
      follower.orders.destroy();
      return;
    }
    follower.lost = why;
    complain(follower, `was lost at ${seconds(clock.now())}: ${why}`);
    follower.orders.destroy();
  };

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      refuse(response, error instanceof Refused ? error.status : 500, messageOf(error));
    });
  });
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  server.maxConnections = 8 * of + 8;

  /** Throws what is to be refused. */
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shard');
    if (!isToken(request.headers.authorization, options.token))
      throw new Refused(401, 'the token is not the one of this run');
    const number = Number(searchParams.get('shard'));
    if (!Number.isInteger(number) || number < 2 || number > of)
      throw new Refused(400, `this run has the shards 2 to ${of} beside its conductor`);
    if (pathname === '/orders') {
      admit(number, request, response);
      return;
    }
    const follower = followers.get(number);
    if (follower === undefined || follower.lost !== null)
      throw new Refused(410, `shard ${number} is not part of this run, or was lost`);
    follower.heardAt = clock.now();
    if (pathname === '/clock') reply(response, { now: clock.now() });
    else if (pathname === '/ready') {
      follower.ready = true;
      reply(response, {});
    } else if (pathname === '/record' && request.method === 'PUT') {
      await take(follower, searchParams.get('file'), request);
      reply(response, {});
    } else if (pathname === '/ended') {
      const { faults: own } = farewell.parse(JSON.parse(await textOf(request)));
      follower.handedOver = true;
      for (const fault of own) complain(follower, `says: ${fault}`);
      reply(response, {});
      follower.orders.end();
    } else throw new Refused(404, 'there is nothing here');
  };

  const admit = (number: number, request: IncomingMessage, response: ServerResponse): void => {
    const shards = request.headers['x-zdd-shards'];
    if (shards !== String(of)) throw new Refused(409, `this run has ${of} shards, not ${shards}`);
    if (request.headers['x-zdd-plan'] !== options.digest)
      throw new Refused(409, "its scenario, variables or version of zdd-verify are not the conductor's");
    const threads = Number(request.headers['x-zdd-threads']);
    if (threads !== options.threads) {
      const own = `this machine would use ${threads} sending thread${threads === 1 ? '' : 's'}`;
      throw new Refused(409, `${own}, the conductor ${options.threads}: set traffic.threads`);
    }
    if (begun) throw new Refused(410, 'the traffic of this run has begun');
    if (followers.has(number)) throw new Refused(409, `shard ${number} has joined already`);
    const host = String(request.headers['x-zdd-host'] ?? '').slice(0, 100);
    const state = { recordAt: 0, ready: false, handedOver: false, lost: null };
    const follower: Follower = { number, orders: response, host, heardAt: clock.now(), ...state };
    followers.set(number, follower);
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const { runId, seed, startedAt } = options;
    send(response, { type: 'welcome', runId, seed, startedAt: startedAt.toISOString() });
    response.on('error', () => {});
    response.on('close', () => lose(follower, 'its connection was closed'));
  };

  const take = async (follower: Follower, name: string | null, request: IncomingMessage): Promise<void> => {
    const file = HANDED_OVER.find((each) => each === name);
    if (file === undefined) throw new Refused(400, 'no such file belongs to a record');
    const dir = options.recordOf(follower.number);
    await mkdir(dir, { recursive: true });
    const heard = (): void => {
      follower.heardAt = clock.now();
      follower.recordAt = follower.heardAt;
    };
    await pipeline(request, bounded(MOST_RECORD_BYTES, heard), createWriteStream(join(dir, file)));
  };

  const tell = (line: OrderLine): void => {
    for (const follower of followers.values()) if (isWorking(follower)) send(follower.orders, line);
  };

  await listen(server, options);
  const stopBeating = every(BEAT_MS, () => {
    tell({ type: 'beat' });
    for (const follower of followers.values())
      if (clock.now() - follower.heardAt > LOST_MS) lose(follower, `nothing was heard of it for ${LOST_MS / 1000} s`);
  });
  const wait = async (isOver: () => boolean, withinMs: number, signal?: AbortSignal): Promise<boolean> => {
    const until = clock.now() + withinMs;
    while (!isOver() && clock.now() < until) await clock.sleep(50, signal);
    return isOver();
  };
  const missing = (isThere: (follower: Follower) => boolean): string => {
    const numbers = Array.from({ length: of - 1 }, (_, index) => index + 2).filter((number) => {
      const follower = followers.get(number);
      return follower === undefined || !isThere(follower);
    });
    return numbers.map((number) => `shard ${number} of ${of}`).join(', ');
  };
  const { address, port } = server.address() as AddressInfo;
  return {
    of,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    async joined(signal, onProgress) {
      const all = await wait(
        () => {
          onProgress(followers.size + 1);
          return followers.size === of - 1;
        },
        options.joinWithinMs,
        signal,
      );
      return all ? [] : [`${missing(() => true)} did not join within ${options.joinWithinMs / 1000} s`];
    },
    async begin() {
      await wait(() => [...followers.values()].every(({ ready }) => ready), READY_WITHIN_MS);
      const late = missing(({ ready }) => ready);
      if (late !== '') throw new Error(`the traffic cannot begin: ${late} was lost or is not ready to send`);
      begun = true;
      const firstDueAt = Math.round((clock.now() + SHARD_NOTICE_MS) * 1000) / 1000;
      tell({ type: 'begin', firstDueAt });
      return firstDueAt;
    },
    order: tell,
    async finished(isInterrupted, onProgress) {
      if (!begun) return [];
      const since = clock.now();
      const { recordWithinMs } = options;
      const left = (): Follower[] => [...followers.values()].filter(isWorking);
      while (left().length > 0 && !isInterrupted()) {
        onProgress(left().length);
        await clock.sleep(50);
        // One that answers may still have a disk that does not.
        for (const follower of left())
          if (clock.now() - Math.max(since, follower.recordAt) > recordWithinMs)
            lose(follower, `nothing of its record came for ${seconds(recordWithinMs)}`);
      }
      for (const follower of left()) lose(follower, 'the run was interrupted before its record was here');
      return [...followers.values()]
        .filter(({ handedOver }) => handedOver)
        .map(({ number }) => options.recordOf(number));
    },
    problems: () => problems,
    async close(reason) {
      stopBeating();
      tell({ type: 'dismissed', reason });
      for (const { orders } of followers.values()) orders.end();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await Promise.race([closed, clock.sleep(FAREWELL_MS)]);
      server.closeAllConnections();
      await closed;
    },
  };
}

class Refused extends Error {
  readonly status: number;

  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

function listen(server: ReturnType<typeof createServer>, { host, port }: LeadOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new ZddError('USAGE', `shards cannot join at ${host}:${port}: ${messageOf(cause)}`, { cause }));
    });
    server.listen(port, host, () => resolve());
  });
}

function send(response: ServerResponse, line: OrderLine): void {
  response.write(`${JSON.stringify(line)}\n`);
}

function reply(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, why: string): void {
  if (response.headersSent) response.destroy();
  else response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(why);
}

/** Compared by digests: in the same time whatever it is. */
function isToken(header: string | undefined, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}

/** Lets so many bytes through, and fails at the next. */
function bounded(most: number, onPiece: () => void): Transform {
  let bytes = 0;
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      bytes += piece.length;
      onPiece();
      if (bytes > most) done(new Error(`a record of over ${most} bytes`));
      else done(null, piece);
    },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request) {
    text += String(piece);
    if (text.length > MOST_BYTES) throw new Error('the message is too long');
  }
  return text;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
