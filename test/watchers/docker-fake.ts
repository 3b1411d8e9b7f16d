import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folder } from './drive.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** An engine's API on a Unix socket, which says what a test has it say. */
export interface FakeEngine {
  socket: string;
  /** Paths that were asked for, without what is in front of them. */
  asked: string[];
  /** Answers a path without its query; an object is sent as JSON. */
  on(path: string, answer: object | Answer): void;
  /** Sends to all who listen for events. */
  tell(text: string): void;
  event(type: string, action: string, id: string, attributes?: Record<string, string>): void;
  /** Ends the streams of events. */
  hangUp(): void;
  close(): void;
}

export async function fakeEngine(): Promise<FakeEngine> {
  const socket = join(folder(), 'engine.sock');
  const answers = new Map<string, object | Answer>([['/version', { ApiVersion: '1.41', Version: '20.10.24' }]]);
  const listening = new Set<ServerResponse>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://docker');
    const path = url.pathname.replace(/^\/v[\d.]+/, '');
    asked.push(path);
    if (path === '/events' && !answers.has(path)) {
      response.flushHeaders();
      listening.add(response);
      return;
    }
    const answer = answers.get(path);
    if (typeof answer === 'function') return answer(request, response);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(JSON.stringify(answer ?? { message: 'page not found' }));
  }).listen(socket);
  await once(server, 'listening');
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  onTestFinished(close);
  const tell = (text: string): void => {
    for (const response of listening) response.write(text);
  };
  return {
    socket,
    asked,
    tell,
    close,
    on: (path, answer) => answers.set(path, answer),
    event: (type, action, id, attributes = {}) =>
      tell(`${JSON.stringify({ Type: type, Action: action, Actor: { ID: id, Attributes: attributes } })}\n`),
    hangUp() {
      for (const response of listening) response.end();
      listening.clear();
    },
  };
}

/** An id as engines make them, always the same for a name. */
export function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** A container as the list of containers has it. */
export function container(name: string, state: string, status: string, rest: object = {}): object {
  return { Id: idOf(name), Names: [`/${name}`], Image: 'shop:v1', State: state, Status: status, Labels: {}, ...rest };
}
