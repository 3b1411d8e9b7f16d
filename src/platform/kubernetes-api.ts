import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { beginningOf } from '../model/cut.js';
import { messageOf } from '../model/errors.js';
import type { ClusterAccess, Login } from './kubernetes-access.js';

/** The API of a cluster, by bounded requests that read. */
export interface KubernetesApi {
  /** One object or a list. @throws {KubernetesError} */
  get(path: string, query: Query, signal: AbortSignal): Promise<unknown>;
  /**
   * Follows changes for `WATCH_S` at most, and calls for each; resolves where the server ends it in order.
   * @throws {KubernetesError}
   */
  watch(path: string, query: Query, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
}

export type Query = Record<string, string>;

/** `type`: ADDED, MODIFIED, DELETED, BOOKMARK, ERROR. */
export interface WatchEvent {
  type: string;
  object: unknown;
}

/** `status`: of the answer; 0 where there was none, or none of an API server. */
export class KubernetesError extends Error {
  constructor(
    message: string,
    readonly status = 0,
  ) {
    super(message);
  }
}

const ANSWER_MS = 3000;
const ANSWER_BYTES = 4 * 1024 * 1024;
/** An object has at most 1.5 MiB in etcd. */
const LINE_CHARS = 2 * 1024 * 1024;
/** Reading one costs tens of microseconds: as many as a quarter of the thread's time. */
const EVENTS_PER_SEC = 1000;
/** A watch is begun anew this often: a connection that went silent is known no later. */
const WATCH_S = 30;
const WATCH_LATE_MS = 5000;
const SAID_CHARS = 300;

export function createKubernetesApi(access: ClusterAccess): KubernetesApi {
  return {
    async get(path, query, signal) {
      const login = await access.login(signal);
      const late = AbortSignal.timeout(ANSWER_MS);
      try {
        const response = await open(access.server, path, query, login, AbortSignal.any([signal, late]));
        return parse(await bodyOf(response, ANSWER_BYTES));
      } catch (error) {
        throw late.aborted ? new KubernetesError(`no answer within ${ANSWER_MS} ms`) : named(error);
      }
    },
    async watch(path, query, onEvent, signal) {
      const login = await access.login(signal);
      const late = AbortSignal.timeout(WATCH_S * 1000 + WATCH_LATE_MS);
      const unanswered = new AbortController();
      const timer = setTimeout(() => unanswered.abort(), ANSWER_MS);
      const following = { ...query, watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(WATCH_S) };
      try {
        const inTime = AbortSignal.any([signal, late, unanswered.signal]);
        const response = await open(access.server, path, following, login, inTime);
        clearTimeout(timer);
        await readEvents(response, onEvent);
      } catch (error) {
        if (unanswered.signal.aborted) throw new KubernetesError(`no answer within ${ANSWER_MS} ms`);
        throw late.aborted ? new KubernetesError('the server did not end a watch when it was to') : named(error);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** A stream that breaks off says `aborted`. */
function named(error: unknown): unknown {
  if (error instanceof KubernetesError) return error;
  const said = messageOf(error);
  return new KubernetesError(said === 'aborted' ? 'the connection was lost' : said);
}

/** Its answer where that is 200. @throws {KubernetesError} */
async function open(
  server: string,
  path: string,
  query: Query,
  login: Login,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const url = new URL(`${server}${path}?${new URLSearchParams(query)}`);
  const response = await ask(url, login, signal);
  if (response.statusCode === 200) return response;
  const status = response.statusCode ?? 0;
  const said = statusMessage(await bodyOf(response, ANSWER_BYTES).catch(() => ''));
  throw new KubernetesError(hidden(`the API server answers with ${status}${said}`, login), status);
}

async function ask(url: URL, login: Login, signal: AbortSignal, again = true): Promise<IncomingMessage> {
  const request = url.protocol === 'http:' ? requestHttp : requestHttps;
  const { headers, agent } = login;
  let isReused = false;
  try {
    return await new Promise((resolve, reject) => {
      const asked = request(url, { agent, signal, headers: { ...headers, accept: 'application/json' } }, resolve);
      asked.on('error', (error) => {
        isReused = asked.reusedSocket;
        reject(error);
      });
      asked.end();
    });
  } catch (error) {
    // The server closed an idle connection in the moment in which it was used again.
    if (isReused && again && !signal.aborted) return ask(url, login, signal, false);
    throw new KubernetesError(hidden(messageOf(error), login));
  }
}

async function bodyOf(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw new KubernetesError(`an answer of more than ${most} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function readEvents(response: IncomingMessage, onEvent: (event: WatchEvent) => void): Promise<void> {
  let rest = '';
  let second = 0;
  let count = 0;
  for await (const text of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = text.split('\n');
    lines[0] = rest + lines[0];
    rest = lines.pop() as string;
    if (rest.length > LINE_CHARS) throw new KubernetesError(`an event of more than ${LINE_CHARS} characters`);
    for (const line of lines) {
      const now = Math.floor(performance.now() / 1000);
      count = now === second ? count + 1 : 1;
      second = now;
      if (count > EVENTS_PER_SEC) throw new KubernetesError(`more than ${EVENTS_PER_SEC} events in a second`);
      if (line.trim() !== '') onEvent(eventIn(line));
    }
  }
  if (rest.trim() !== '') throw new KubernetesError('a watch ended within a line');
}

function eventIn(line: string): WatchEvent {
  const { type, object } = (parse(line) ?? {}) as Partial<WatchEvent>;
  if (typeof type !== 'string') throw new KubernetesError('a line of a watch is none of an API server');
  return { type, object };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KubernetesError('the answer is none of an API server');
  }
}

/** The message of an answer that is a `Status`; of others nothing, as they are not from an API server. */
function statusMessage(text: string): string {
  try {
    const { kind, message } = JSON.parse(text) as { kind?: unknown; message?: unknown };
    return kind === 'Status' && typeof message === 'string' ? `: ${beginningOf(message, SAID_CHARS)}` : '';
  } catch {
    return '';
  }
}

/** Without the credentials that were sent, should somebody say them back. */
function hidden(text: string, { headers }: Login): string {
  const secrets = Object.values(headers).flatMap((value) => [value, value.replace(/^\w+ /, '')]);
  return secrets.reduce((clean, secret) => (secret.length < 4 ? clean : clean.replaceAll(secret, '***')), text);
}
