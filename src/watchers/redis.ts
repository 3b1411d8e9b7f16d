import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

const ANSWER_MS = 3000;
/** The answers that are asked for are numbers and words. */
const ANSWER_BYTES = 64 * 1024;

export type Reply = string | number | null;

/** A connection to Redis that asks one thing after the other (RESP 2). */
export interface Redis {
  /** @throws what Redis refuses, and when it does not answer. */
  ask(...words: string[]): Promise<Reply>;
  close(): void;
}

/** Connects to `redis://user:password@host:port/database`, or `rediss:` over TLS. */
export async function connectRedis(text: string, signal: AbortSignal): Promise<Redis> {
  const url = new URL(text);
  const [host, port] = [url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1', Number(url.port || 6379)];
  const isTls = url.protocol === 'rediss:';
  const socket: Socket = isTls ? connectTls({ host, port }) : connect({ host, port });
  const redis = speak(socket, signal);
  const [user, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  try {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal: inTime });
    if (password !== '') await redis.ask('AUTH', ...(user === '' ? [password] : [user, password]));
    if (url.pathname.length > 1) await redis.ask('SELECT', url.pathname.slice(1));
    return redis;
  } catch (error) {
    redis.close();
    throw error;
  }
}

function speak(socket: Socket, signal: AbortSignal): Redis {
  let received = Buffer.alloc(0);
  let failure: Error | null = null;
  let waiting: ((outcome: Reply | Error) => void) | null = null;
  const settle = (outcome: Reply | Error): void => {
    const settled = waiting;
    waiting = null;
    settled?.(outcome);
  };
  const fail = (error: Error): void => {
    failure ??= error;
    socket.destroy();
    settle(failure);
  };
  const abort = (): void => fail(new Error('there is no time left'));
  signal.addEventListener('abort', abort, { once: true });
  socket.on('error', fail);
  socket.on('close', () => {
    signal.removeEventListener('abort', abort);
    fail(new Error('Redis closed the connection'));
  });
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk]);
    const reply = parseReply(received);
    if (reply !== undefined) {
      received = Buffer.alloc(0);
      settle(reply);
    } else if (received.length > ANSWER_BYTES) fail(new Error(`an answer of more than ${ANSWER_BYTES} bytes`));
  });
  socket.setTimeout(ANSWER_MS, () => {
    if (waiting !== null) fail(new Error(`Redis gave no answer within ${ANSWER_MS} ms`));
  });
  return {
    ask: (...words) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        waiting = (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome));
        socket.write(encode(words));
      }),
    close: () => socket.destroy(),
  };
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

/** One reply, an error where it is one; undefined while it is not complete. */
export function parseReply(bytes: Buffer): Reply | Error | undefined {
  const end = bytes.indexOf('\r\n');
  if (end === -1) return undefined;
  const kind = String.fromCharCode(bytes[0] ?? 0);
  const line = bytes.toString('utf8', 1, end);
  if (kind === '+') return line;
  if (kind === '-') return new Error(`Redis refuses: ${line}`);
  if (kind === ':') return Number(line);
  if (kind !== '$') return new Error('the answer is none of Redis');
  const length = Number(line);
  if (length === -1) return null;
  const from = end + 2;
  return bytes.length < from + length + 2 ? undefined : bytes.toString('utf8', from, from + length);
}
