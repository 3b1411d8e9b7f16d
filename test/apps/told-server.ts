import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A server of this folder in a process of its own, which takes commands (see commands.mjs). */
export interface ToldServer {
  port: number;
  /** `POST` the JSON of a command here from a step: `{"do":"fault","fault":"rst","every":5}`. */
  controlUrl: string;
  pid: number;
  /** Resolved with what the command results in. */
  ask(command: { do: string; [option: string]: unknown }): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Starts a server of this folder on a port of 127.0.0.1; it ends with the calling process at the latest. `through` is a
 * command line that starts another: it puts the server into a place of its own.
 */
export async function startServer(
  file: string,
  env: Record<string, string> = {},
  through: string[] = [],
): Promise<ToldServer> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const [command, ...argv] = [...through, process.execPath, path];
  const child = spawn(command as string, argv, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const talk = conversation(child);
  const { port, controlPort, pid } = (await talk.ready) as { port: number; controlPort: number; pid: number };
  return {
    port,
    pid,
    controlUrl: `http://${env.ADDRESS ?? '127.0.0.1'}:${controlPort}`,
    ask: talk.ask,
    stop: () => stop(child),
  };
}

/** What the server's first line answers. */
const READY = 0;

interface Reply {
  id?: number;
  ready?: true;
  result?: unknown;
  error?: string;
}

function conversation(child: ChildProcess): { ready: Promise<unknown>; ask(command: object): Promise<unknown> } {
  const asked = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  const settle = (reply: Reply): void => {
    const id = reply.ready ? READY : reply.id!;
    const question = asked.get(id);
    asked.delete(id);
    if (reply.error === undefined) question?.resolve(reply.ready ? reply : reply.result);
    else question?.reject(new Error(reply.error));
  };
  const reply = (id: number): Promise<unknown> =>
    new Promise((resolve, reject) => {
      asked.set(id, { resolve, reject });
    });
  let lastId = READY;
  createInterface({ input: child.stdout! }).on('line', (line) => settle(JSON.parse(line) as Reply));
  child.once('exit', (code, signal) => {
    for (const { reject } of asked.values()) reject(new Error(`the server ended (${signal ?? code})`));
  });
  child.stdin!.on('error', () => {});
  return {
    ready: reply(READY),
    ask: (command) => {
      lastId += 1;
      // readline of newer Nodes cuts at U+2028 too.
      const line = JSON.stringify({ id: lastId, ...command }).replaceAll('\u2028', '\\u2028');
      child.stdin!.write(`${line}\n`);
      return reply(lastId);
    },
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.stdin!.end();
  await ended;
}
