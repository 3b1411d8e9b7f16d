import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { beginningOf } from '../model/cut.js';
import type { Outcome } from '../model/outcome.js';
import { classify } from '../wire/classify.js';
import { type Dialed, dial } from '../wire/dial.js';
import type { Endpoint } from '../wire/endpoint.js';
import type { Exchange, WireFailure } from '../wire/exchange.js';
import { failureOf } from '../wire/failure.js';
import type { BlockedAnswer } from '../wire/plan.js';

const MAX_MESSAGE_BYTES = 1024 * 1024;
/** How long a close may take once either side has sent its close frame. */
const CLOSING_MS = 1000;
const MAX_DETAIL = 200;

export interface EchoTarget {
  endpoint: Endpoint;
  path: string;
  headers: Record<string, string>;
  blocked: readonly BlockedAnswer[];
}

/** Why a WebSocket did not open. */
export type Refusal = Exclude<Outcome, { kind: 'ok' }>;

/** What becomes of a WebSocket: `opened` and later `ended`, or `failed`. */
export interface EchoListener {
  opened(): void;
  message(text: string): void;
  /** It never opened. */
  failed(outcome: Refusal): void;
  /** It was open. `code` is that of the close frame, 1006 where none came. */
  ended(code: number, detail: string): void;
}

export interface EchoSocket {
  /** Whether messages can be sent. */
  readonly open: boolean;
  /** Bytes that the system did not take yet. */
  readonly unsentBytes: number;
  send(text: string): void;
  /** Gives the handshake up: no answer in time. */
  expire(): void;
  /** Closes it in order. */
  close(): void;
  /** Drops the connection. */
  terminate(): void;
}

/** A WebSocket, made as the wire makes its connections: own addresses, Unix sockets and certificates, no proxy. */
export function openEchoSocket({ endpoint, path, headers, blocked }: EchoTarget, listener: EchoListener): EchoSocket {
  const wire = watchedWire(endpoint);
  const url = new URL(path, endpoint.origin);
  url.hash = '';
  const { 'sec-websocket-protocol': protocols, ...others } = inLowerCase(headers);
  const options: ClientOptions & { closeTimeout: number } = {
    // A browser says where a page comes from, and servers ask for it.
    headers: { origin: endpoint.origin, ...others },
    createConnection: wire.connect,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    closeTimeout: CLOSING_MS,
  };
  const socket = new WebSocket(url, protocols?.split(',').map((name) => name.trim()) ?? [], options);
  let opened = false;
  let broken: string | null = null;
  let failure: WireFailure | null = null;
  let answer: IncomingMessage | null = null;
  socket.on('open', () => {
    opened = true;
    listener.opened();
  });
  socket.on('message', (data) => listener.message(data.toString()));
  socket.on('unexpected-response', (_request, response) => {
    answer = response;
    // Nothing of its body is of use.
    socket.terminate();
  });
  socket.on('error', (error) => {
    broken ??= error.message;
  });
  socket.on('close', (code, reason) => {
    if (opened) listener.ended(code, endOf(code, reason, wire.end(), broken));
    else listener.failed(handshakeFate(answer, failure ?? wire.failure() ?? protocolFailure(broken), blocked));
  });
  return {
    get open() {
      return socket.readyState === WebSocket.OPEN;
    },
    get unsentBytes() {
      return socket.bufferedAmount;
    },
    send: (text) => socket.send(text),
    expire: () => {
      failure = { how: 'expired', while: wire.stage() };
      socket.terminate();
    },
    close: () => socket.close(1000),
    terminate: () => socket.terminate(),
  };
}

/** The connection below: how it ended, which a WebSocket does not tell. */
function watchedWire(endpoint: Endpoint) {
  let dialed: Dialed | null = null;
  let connected = false;
  let ended: 'FIN' | NodeJS.ErrnoException | null = null;
  return {
    connect: () => {
      // The upgrade to a WebSocket is one of HTTP/1.1, also where the rest of the traffic is HTTP/2.
      dialed = dial({ ...endpoint, protocol: 'http/1.1' });
      const { socket, ready } = dialed;
      socket.once(ready, () => {
        connected = true;
      });
      socket.once('end', () => {
        ended ??= 'FIN';
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        ended ??= error;
      });
      return socket;
    },
    end: (): string | null => (ended instanceof Error ? rstOr(ended) : ended),
    failure: (): WireFailure | null => {
      if (ended instanceof Error) return failureOf(ended, connected);
      return ended === 'FIN' ? { how: 'closed' } : null;
    },
    stage: () => {
      if (connected) return 'waiting';
      return dialed?.resolving ? 'resolving' : 'connecting';
    },
  } as const;
}

function inLowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function rstOr(error: NodeJS.ErrnoException): string {
  return error.code === 'ECONNRESET' ? 'RST' : (error.code ?? error.message);
}

function endOf(code: number, reason: Buffer, end: string | null, broken: string | null): string {
  if (broken !== null) return beginningOf(`not the protocol: ${broken}`, MAX_DETAIL);
  if (code === 1006) return `1006, ${end ?? 'closed'} without a close frame`;
  if (code === 1005) return '1005, a close frame without a code';
  const text = reason.toString();
  return beginningOf(`close code ${code}${text === '' ? '' : `: ${text}`}`, MAX_DETAIL);
}

function protocolFailure(message: string | null): WireFailure {
  return { how: 'protocol', message: message ?? 'closed before the handshake was done' };
}

/** A handshake that failed, judged as any other request. */
function handshakeFate(
  answer: IncomingMessage | null,
  failure: WireFailure,
  blocked: readonly BlockedAnswer[],
): Refusal {
  const result: Exchange = {
    sentAt: 0,
    writtenAt: null,
    firstByteAt: null,
    endedAt: 0,
    reuse: 0,
    idleMs: 0,
    status: answer?.statusCode ?? null,
    headers: answer === null ? {} : textHeaders(answer),
    body: null,
    bytes: 0,
    answerBegun: answer !== null,
    failure: answer === null ? failure : null,
  };
  const expect = { statuses: [101], body: null, json: [], headers: [] };
  const outcome = classify({ method: 'GET', expect }, result, 'strict', blocked);
  if (outcome.kind !== 'ok') return outcome;
  return { kind: 'lost', cause: 'protocol', status: 101, detail: '101 without an upgrade' };
}

function textHeaders(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value ?? '')]));
}
