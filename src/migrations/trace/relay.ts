import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import { type Frame, FrameReader, frame, noticeOf } from './frames.js';
import type { Session } from './session.js';

interface RelayOptions {
  /** Of the migration. */
  socket: Socket;
  /** What it sent already. */
  first: Buffer;
  /** A connection to the database whose driver has done the greeting. */
  client: Client;
  session: Session;
  onIdle(inTransaction: boolean): Promise<void>;
}

/** The level that tells what is rewritten, read through and built. */
const TALKATIVE = 'SET client_min_messages = debug1';
/** Said to us, not to the migration. */
const FOR_US = /^(?:DEBUG|LOG)/;
const LEVEL_IS_SET = /client_min_messages/i;

/** Passes messages in both directions until one side ends, and lets the session see them. */
export function relay({ socket, first, client, session, onIdle }: RelayOptions): Promise<void> {
  const server = takeOver(client);
  const fromClient = new FrameReader();
  const fromServer = new FrameReader();
  let levelWasSet = false;
  const ask = (chunk: Buffer): void => {
    for (const each of fromClient.take(chunk)) {
      session.ask(each);
      if ((each.type === 'Q' || each.type === 'P') && LEVEL_IS_SET.test(each.body.toString('latin1')))
        levelWasSet = true;
    }
    server.write(chunk);
  };
  /** A setting of the migration would make the server silent: ours is set again before the migration goes on. */
  const restoreLevel = (): void => {
    levelWasSet = false;
    server.write(frame('Q', TALKATIVE));
  };
  let held: Frame | null = null;
  const hear = async (each: Frame): Promise<void> => {
    if (held !== null) {
      if (each.type !== 'Z') return;
      socket.write(held.bytes);
      held = null;
      return;
    }
    session.hear(each);
    if (each.type === 'N' && FOR_US.test(noticeOf(each.body).severity)) return;
    if (each.type === 'Z') {
      const status = String.fromCharCode(each.body[0] as number);
      if (session.current === null) {
        await onIdle(status === 'T');
        if (levelWasSet && status !== 'E') {
          held = each;
          restoreLevel();
          return;
        }
      }
    }
    socket.write(each.bytes);
  };
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (error?: unknown): void => {
      if (over) return;
      over = true;
      socket.destroy();
      server.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    let hearing: Promise<void> = Promise.resolve();
    server.on('data', (chunk: Buffer) => {
      server.pause();
      hearing = hearing
        .then(async () => {
          for (const each of fromServer.take(chunk)) await hear(each);
          if (socket.writableNeedDrain) await drained(socket);
          server.resume();
        })
        .catch(end);
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        ask(chunk);
      } catch (error) {
        end(error);
      }
    });
    server.once('close', () => void hearing.then(() => end()));
    server.on('error', () => void hearing.then(() => end()));
    socket.once('close', () => end());
    if (socket.destroyed) return end();
    greet(socket, client);
    if (first.length > 0) ask(first);
    socket.resume();
    server.resume();
  });
}

/** The connection below the driver, which is told nothing any more. */
function takeOver(client: Client): Duplex {
  const { stream } = (client as unknown as { connection: { stream: Duplex } }).connection;
  for (const event of ['data', 'end', 'close', 'error']) stream.removeAllListeners(event);
  return stream;
}

function greet(socket: Socket, client: Client): void {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  socket.write(frame('R', 0));
  for (const [name, value] of greetings.get(client) ?? []) socket.write(frame('S', name, value));
  socket.write(frame('K', processID, secretKey));
  socket.write(frame('Z', Buffer.from('I')));
}

/** What the server says of itself while a connection is opened, which the client of the relay is told in turn. */
const greetings = new WeakMap<Client, Map<string, string>>();

/** Must be called before the driver connects. */
export function rememberGreeting(client: Client): void {
  const told = new Map<string, string>();
  greetings.set(client, told);
  const { connection } = client as unknown as {
    connection: {
      on(event: string, listener: (message: { parameterName: string; parameterValue: string }) => void): void;
    };
  };
  connection.on('parameterStatus', ({ parameterName, parameterValue }) => told.set(parameterName, parameterValue));
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.once('drain', done);
    socket.once('close', done);
  });
}
