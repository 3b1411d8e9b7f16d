import type { Client, Dispatcher } from 'undici';
import { messageOf } from '../model/errors.js';
import type { Clock } from './clock.js';
import { list, mapping, text } from './docker-json.js';

const USUAL_SOCKET = '/var/run/docker.sock';
/** What one question may take, connecting included. */
const ANSWER_MS = 3000;
const ANSWER_BYTES = 1024 * 1024;
const EVENT_BYTES = 64 * 1024;
/** More events than that in a second are no engine at work. */
const EVENTS_BYTES_PER_SEC = 1024 * 1024;

/** Events of containers that are asked for; every health check makes three `exec_` ones besides. */
const ACTIONS = 'create start die kill oom health_status stop restart pause unpause rename destroy update remove';

/** Something that happened to a container or a service, as the engine tells it. */
export interface EngineEvent {
  /** `container`, `service`. */
  type: string;
  /** `die`, `kill`, `health_status: healthy`. */
  action: string;
  id: string;
  attributes: Readonly<Record<string, unknown>>;
}

/** The HTTP API of a Docker engine. */
export interface Engine {
  /** `1.41`. */
  apiVersion: string;
  /** `20.10.24`; empty where it does not say. */
  version: string;
  /** What a path answers; null where nothing is there (404). @throws what the engine refuses, and no answer within 3 s. */
  ask(path: string): Promise<unknown>;
  /**
   * Hands on what happens from now on, until it is closed. The returned function says why no more will come; null while
   * there may be more. @throws as `ask`.
   */
  listen(onEvent: (event: EngineEvent) => void): Promise<() => string | null>;
  close(): void;
}

/**
 * The socket of the engine: the scenario's, else that of `DOCKER_HOST`, else the usual one.
 * @throws where `DOCKER_HOST` names something else than a Unix socket.
 */
export function engineSocket(given: string | null, dockerHost = process.env.DOCKER_HOST): string {
  if (given !== null) return given;
  if (dockerHost === undefined || dockerHost === '') return USUAL_SOCKET;
  const [, path] = /^unix:\/\/(\/.+)$/s.exec(dockerHost) ?? [];
  if (path !== undefined) return path;
  const scheme = /^[a-z]+:\/\//.exec(dockerHost)?.[0] ?? 'no unix:///path';
  throw new Error(`DOCKER_HOST is ${scheme}: an engine is watched by its Unix socket alone; name it as \`socket\``);
}

/**
 * Connects; `signal` closes it at once. Loads the HTTP client only where an engine is watched.
 * @throws where no engine answers there.
 */
export async function connectEngine(socket: string, clock: Clock, signal: AbortSignal): Promise<Engine> {
  const { Client: HttpClient } = await import('undici');
  const clients = new Set<Client>();
  const client = (): Client => {
    const made = new HttpClient('http://docker', { socketPath: socket, connectTimeout: ANSWER_MS });
    clients.add(made);
    return made;
  };
  const close = (): void => {
    signal.removeEventListener('abort', close);
    for (const each of clients) each.destroy().catch(() => {});
    clients.clear();
  };
  signal.addEventListener('abort', close, { once: true });
  const because = (error: unknown): Error => reasonOf(error, socket);
  const asking = client();
  try {
    const engine = mapping(await ask(asking, '/version').catch((error: unknown) => Promise.reject(because(error))));
    const apiVersion = text(engine.ApiVersion, 10);
    if (!/^\d+\.\d+$/.test(apiVersion)) throw new Error(`what answers on ${socket} is no Docker engine`);
    const base = `/v${apiVersion}`;
    return {
      apiVersion,
      version: text(engine.Version, 40),
      ask: (path) => ask(asking, base + path).catch((error: unknown) => Promise.reject(because(error))),
      listen: (onEvent) =>
        listen(client(), base, clock, onEvent).catch((error: unknown) => Promise.reject(because(error))),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function ask(client: Client, path: string): Promise<unknown> {
  const { statusCode, body } = await client.request({ path, method: 'GET', signal: AbortSignal.timeout(ANSWER_MS) });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES) throw new Error(`an answer of more than ${ANSWER_BYTES} bytes to ${path.slice(0, 60)}`);
    chunks.push(chunk);
  }
  if (statusCode === 404) return null;
  const answer = parse(Buffer.concat(chunks).toString('utf8'));
  if (statusCode !== 200) {
    const why = text(mapping(answer).message, 300);
    throw new Error(`the engine answers with ${statusCode}${why === '' ? '' : `: ${why}`}`);
  }
  if (answer === undefined) throw new Error(`the answer to ${path.slice(0, 60)} is no JSON`);
  return answer;
}

async function listen(
  client: Client,
  base: string,
  clock: Clock,
  onEvent: (event: EngineEvent) => void,
): Promise<() => string | null> {
  const path = `${base}/events?filters=${filters({ type: ['container', 'service'], event: ACTIONS.split(' ') })}`;
  const late = AbortSignal.timeout(ANSWER_MS);
  const stop = new AbortController();
  const giveUp = (): void => stop.abort(late.reason);
  late.addEventListener('abort', giveUp, { once: true });
  const response = await client.request({ path, method: 'GET', bodyTimeout: 0, signal: stop.signal });
  late.removeEventListener('abort', giveUp);
  if (response.statusCode !== 200) {
    stop.abort();
    response.body.on('error', () => {});
    throw new Error(`the engine refuses its events with ${response.statusCode}`);
  }
  let ended: string | null = null;
  readEvents(response.body, clock, onEvent).then(
    () => {
      ended = 'the engine ended its stream of events';
    },
    (error: unknown) => {
      ended = messageOf(error);
      client.destroy().catch(() => {});
    },
  );
  return () => ended;
}

/** One JSON object a line. */
async function readEvents(
  body: Dispatcher.ResponseData['body'],
  clock: Clock,
  onEvent: (event: EngineEvent) => void,
): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  let secondAt = clock.now();
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const now = clock.now();
    if (now - secondAt >= 1000) [secondAt, bytes] = [now, 0];
    bytes += chunk.length;
    if (bytes > EVENTS_BYTES_PER_SEC) throw new Error(`more than ${EVENTS_BYTES_PER_SEC} bytes of events in a second`);
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const event = eventOf(parse(rest.subarray(0, end).toString('utf8')));
      rest = rest.subarray(end + 1);
      if (event !== null) onEvent(event);
    }
    if (rest.length > EVENT_BYTES) throw new Error(`an event of more than ${EVENT_BYTES} bytes`);
  }
}

function eventOf(said: unknown): EngineEvent | null {
  const { Type, Action, Actor } = mapping(said);
  const { ID, Attributes } = mapping(Actor);
  const event = { type: text(Type, 20), action: text(Action, 60), id: text(ID, 64), attributes: mapping(Attributes) };
  return event.type === '' || event.id === '' ? null : event;
}

/** Filters as a part of the query: lists of values by their name. */
export function filters(given: Record<string, readonly string[]>): string {
  return encodeURIComponent(JSON.stringify(given));
}

/** @throws where the answer is no list. */
export function listIn(answer: unknown): unknown[] {
  const found = list(answer);
  if (found === null) throw new Error('the answer is none of a Docker engine: it is no list');
  return found;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, socket: string): Error {
  const { code, name } = error as { code?: string; name?: string };
  if (code === 'ENOENT') return new Error(`there is no socket ${socket}`);
  if (code === 'ECONNREFUSED') return new Error(`nobody listens on ${socket}`);
  if (code === 'EACCES' || code === 'EPERM') return new Error(`no permission to connect to ${socket}`);
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT')
    return new Error(`no answer on ${socket} within ${ANSWER_MS} ms`);
  if (name === 'HTTPParserError') return new Error(`what answers on ${socket} is no HTTP`);
  return error instanceof Error ? error : new Error(messageOf(error));
}
