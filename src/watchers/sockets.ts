import { lstatSync, realpathSync } from 'node:fs';
import { messageOf } from '../model/errors.js';
import { listeningTcp, listeningUnix, listensOn, tcpRow, unixListener } from '../platform/listeners.js';
import { quoted } from '../platform/ssh.js';
import { poll } from './poll.js';
import { createRemote } from './remote.js';
import { createSight } from './sight.js';
import { createStates } from './states.js';
import type { Watcher } from './watcher.js';

/** A listener that is away for less than this may be missed. */
const EVERY_MS = 20;
const REMOTE_EVERY_MS = 250;

/** Whether something listens on each address. */
export const sockets: Watcher<'sockets'> = {
  name: 'sockets',
  async watch({ listen, on }, context) {
    const sight = createSight(context);
    const state = createStates(context);
    const wanted = listen.map(readAddress);
    const see = (listeners: Listeners): void => {
      sight.sees();
      for (const address of wanted) state(address.subject, isListening(address, listeners) ? 'listening' : null);
    };
    const remote = on === null ? null : createRemote(on, context);
    await poll(context, remote === null ? EVERY_MS : REMOTE_EVERY_MS, async () => {
      try {
        see(remote === null ? listenersHere(wanted) : parseListeners(await remote.text(scriptFor(wanted))));
      } catch (error) {
        sight.blind(messageOf(error));
      }
    }).finally(() => remote?.close());
  },
};

interface WantedAddress {
  subject: string;
  /** An IP address, `*`, or the path of a Unix socket. */
  address: string;
  port: number | null;
}

interface Listeners {
  tcp: ReadonlySet<string>;
  unix: ReadonlySet<string>;
  /** By path: where a socket of that name is in the end, null where there is none. */
  names: ReadonlyMap<string, string | null>;
}

function readAddress(subject: string): WantedAddress {
  const [, address, port] = /^([^/]+):(\d+)$/.exec(subject) ?? [];
  if (address === undefined) return { subject, address: subject, port: null };
  return { subject, address: address.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function isListening({ address, port }: WantedAddress, { tcp, unix, names }: Listeners): boolean {
  if (port !== null) return listensOn(tcp, address, port);
  // A socket that listens is out of reach once its name is gone from the folder.
  const name = names.get(address) ?? null;
  return name !== null && (isBound(unix, address) || isBound(unix, name));
}

/** A program may have bound it by a path from its own folder on. */
export function isBound(listening: ReadonlySet<string>, path: string): boolean {
  return listening.has(path) || [...listening].some((bound) => !/^[/@]/.test(bound) && path.endsWith(`/${bound}`));
}

function listenersHere(wanted: readonly WantedAddress[]): Listeners {
  const paths = wanted.flatMap(({ address, port }) => (port === null ? [address] : []));
  return {
    tcp: paths.length < wanted.length ? listeningTcp() : new Set(),
    unix: paths.length > 0 ? listeningUnix() : new Set(),
    names: new Map(paths.map((path) => [path, nameOf(path)])),
  };
}

function nameOf(path: string): string | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? null : realpathSync(path);
  } catch {
    return null;
  }
}

/** Prints the rows of what listens, and a line for each wanted path that is there. */
function scriptFor(wanted: readonly WantedAddress[]): string {
  const paths = wanted.flatMap(({ address, port }) => (port === null ? [quoted(address)] : []));
  const names = `for p in ${paths.join(' ')}; do [ -e "$p" ] && printf 'name %s\\n' "$p"; done`;
  return `[ -r /proc/net/tcp ] || { echo 'there is no /proc/net/tcp'; exit 1; }
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
${paths.length === 0 ? '' : `grep ' 00010000 ' /proc/net/unix 2>/dev/null\n${names}\n`}:`;
}

function parseListeners(text: string): Listeners {
  const lines = text.split('\n');
  const named = lines.flatMap((line) => (line.startsWith('name ') ? [line.slice(5)] : []));
  return {
    tcp: new Set(lines.flatMap((line) => (tcpRow(line)?.listens === true ? [tcpRow(line)?.address as string] : []))),
    unix: new Set(lines.flatMap((line) => unixListener(line) ?? [])),
    names: new Map(named.map((path) => [path, path])),
  };
}
