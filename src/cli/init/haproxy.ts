import type { Guess, Place, ProjectFile } from './folder.js';
import { filesNamed } from './folder.js';
import { urlOf } from './nginx.js';

/** What an HAProxy configuration says of where users connect, and of the servers behind it. */
export interface HaproxyClues {
  url: Guess | null;
  socket: Guess | null;
  backend: Guess;
  servers: { name: string; url: string; disabled: boolean; from: Place }[];
  health: Guess | null;
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/;

/** Reads the first configuration that has a backend with servers. */
export function readHaproxy(files: readonly ProjectFile[]): HaproxyClues | null {
  for (const file of filesNamed(files, /\.cfg$|haproxy[^/]*$/)) {
    const found = readOne(file);
    if (found !== null) return found;
  }
  return null;
}

function readOne({ path, lines }: ProjectFile): HaproxyClues | null {
  let section = { kind: '', name: '' };
  let url: Guess | null = null;
  let tls: Guess | null = null;
  let leadsOn = false;
  let socket: Guess | null = null;
  let health: Guess | null = null;
  let backend: Guess | null = null;
  let servers: HaproxyClues['servers'] = [];
  for (const [index, text] of lines.entries()) {
    const words = text.slice(0, 1000).replace(/#.*$/, '').trim().split(/\s+/);
    const from = { path, line: index + 1 };
    const [first = '', second = '', third = ''] = words;
    // Then the app answers at the port with TLS alone.
    if (words.join(' ').includes('redirect scheme https')) leadsOn = true;
    if (/^(?:global|defaults|frontend|backend|listen)$/.test(first)) section = { kind: first, name: second };
    else if (first === 'bind' && section.kind !== 'global') {
      const port = Number(/:(\d{1,5})$/.exec(second)?.[1] ?? 0);
      if (port > 0 && words.includes('ssl')) tls ??= { value: urlOf('127.0.0.1', port, true), from };
      if (url === null && port > 0) url = { value: urlOf('127.0.0.1', port, words.includes('ssl')), from };
    } else if (first === 'stats' && second === 'socket' && /^(?:ipv4@)?[\w./:-]+$/.test(third)) {
      socket ??= { value: third.replace(/^ipv4@/, ''), from };
    } else if (first === 'server' && /^(?:backend|listen)$/.test(section.kind) && NAME.test(section.name)) {
      if (!NAME.test(second) || !/^[A-Za-z0-9.-]+:\d{1,5}$/.test(third)) continue;
      // The first backend: that of the app, in most.
      if (backend !== null && backend.value !== section.name) continue;
      backend ??= { value: section.name, from };
      servers = [...servers, { name: second, url: `http://${third}`, disabled: words.includes('disabled'), from }];
    } else if (first === 'option' && second === 'httpchk' && /^\/[\w/.-]*$/.test(words[3] ?? '')) {
      health ??= { value: words[3] as string, from };
    } else if (first === 'http-check' && second === 'send') {
      const uri = words[words.indexOf('uri') + 1] ?? '';
      if (words.includes('uri') && /^\/[\w/.-]*$/.test(uri)) health ??= { value: uri, from };
    }
  }
  return backend === null ? null : { url: leadsOn && tls !== null ? tls : url, socket, backend, servers, health };
}
