import type { Guess, Place, ProjectFile } from './folder.js';

/** What an nginx configuration says of where users connect, and of the places of the app behind it. */
export interface NginxClues {
  url: Guess | null;
  /** Where the name of the URL leads, for TLS: the certificate is in its name. */
  resolve: Guess | null;
  upstream: Upstream | null;
  health: Guess | null;
  versionHeader: Guess | null;
  pidfile: Guess | null;
}

interface Upstream {
  /** The file that holds the addresses. */
  file: Guess;
  /** Those that take traffic, and those that are there and do not (`down`, or behind a `#`). */
  active: Guess[];
  idle: Guess[];
}

interface Directive {
  words: readonly string[];
  /** The names of the blocks around it. */
  blocks: readonly string[];
  from: Place;
}

const ADDRESS = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/;

/** Reads what looks like an nginx configuration; null where nothing does. */
export function readNginx(files: readonly ProjectFile[]): NginxClues | null {
  const own = files.filter(looksLikeNginx);
  if (own.length === 0) return null;
  const all = own.flatMap(directivesOf);
  const inServer = (name: string) => all.filter(({ words, blocks }) => words[0] === name && blocks.at(-1) === 'server');
  const listen = listenOf(listensOf(all));
  const serverName = inServer('server_name').find(({ words }) =>
    /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(words[1] ?? ''),
  );
  const byName = listen?.tls === true && serverName !== undefined;
  const host = byName ? (serverName.words[1] as string) : '127.0.0.1';
  return {
    url: listen === null ? null : { value: urlOf(host, listen.port, listen.tls), from: listen.from },
    resolve: byName && listen !== null ? { value: '127.0.0.1', from: listen.from } : null,
    upstream: upstreamOf(own, all),
    health: healthOf(all),
    versionHeader: headerOf(all),
    pidfile: wordOf(all, 'pid', /^\/[\w./-]+$/),
  };
}

function looksLikeNginx({ path, lines }: ProjectFile): boolean {
  if (!/\.conf$|(?:^|\/)(?:nginx|sites-(?:enabled|available)|conf\.d)\b/.test(path)) return false;
  return lines.some((line) =>
    /^\s*(?:upstream\s+\S+\s*\{|server\s*\{|proxy_pass\s|server\s+[\w.:[\]-]+:\d+[^;]*;)/.test(line),
  );
}

/** The directives of a configuration, in the order in which they stand; `#` and quotes as nginx has them. */
function directivesOf({ path, lines }: ProjectFile): Directive[] {
  const found: Directive[] = [];
  const blocks: string[] = [];
  let words: string[] = [];
  let begun = 1;
  for (const [index, text] of lines.entries()) {
    for (const [token] of text.slice(0, MAX_LINE_CHARS).matchAll(/#.*|"[^"]*"|'[^']*'|[{};]|[^\s{};"'#][^\s{};]*/g)) {
      if (token.startsWith('#')) break;
      if (words.length === 0) begun = index + 1;
      if (token === ';' || token === '{') {
        if (words.length > 0) found.push({ words, blocks: [...blocks], from: { path, line: begun } });
        if (token === '{') blocks.push(words[0] ?? '');
        words = [];
      } else if (token === '}') {
        blocks.pop();
        words = [];
      } else words.push(token.replace(/^(["'])(.*)\1$/, '$2'));
    }
    if (blocks.length > MAX_DEPTH) break;
  }
  return found;
}

const MAX_LINE_CHARS = 1000;
const MAX_DEPTH = 20;

/** Where servers listen; not those that only lead on to HTTPS: the app does not answer there. */
function listensOf(all: readonly Directive[]): Directive[] {
  const servers: Directive[][] = [];
  for (const each of all) {
    if (each.words.length === 1 && each.words[0] === 'server') servers.push([]);
    else if (each.blocks.includes('server')) servers.at(-1)?.push(each);
  }
  const own = servers.filter((server) => !leadsOn(server));
  return (own.length > 0 ? own : servers)
    .flat()
    .filter(({ words, blocks }) => words[0] === 'listen' && blocks.at(-1) === 'server');
}

function leadsOn(server: readonly Directive[]): boolean {
  const toHttps = server.some(
    ({ words }) => /^(?:return|rewrite)$/.test(words[0] ?? '') && words.some((word) => word.startsWith('https://')),
  );
  return toHttps && !server.some(({ words }) => /_pass$/.test(words[0] ?? ''));
}

/** The first place that is listened at; plain HTTP before TLS. */
function listenOf(directives: readonly Directive[]): { port: number; tls: boolean; from: Place } | null {
  const places = directives.flatMap(({ words, from }) => {
    const port = Number(/^(?:\S+:)?(\d{1,5})$/.exec(words[1] ?? '')?.[1] ?? Number.NaN);
    return port > 0 && port < 65536 ? [{ port, tls: words.includes('ssl'), from }] : [];
  });
  return places.find(({ tls }) => !tls) ?? places[0] ?? null;
}

/** The URL of a port, without it where it is the usual one. */
export function urlOf(host: string, port: number, tls = false): string {
  const usual = port === (tls ? 443 : 80);
  return `${tls ? 'https' : 'http'}://${host}${usual ? '' : `:${port}`}`;
}

/** The upstream with the most servers; also the part of one that a configuration includes. */
function upstreamOf(files: readonly ProjectFile[], all: readonly Directive[]): Upstream | null {
  const servers = all.filter(
    ({ words, blocks }) =>
      words[0] === 'server' && ADDRESS.test(words[1] ?? '') && (blocks.at(-1) === 'upstream' || blocks.length === 0),
  );
  const paths = [...new Set(servers.map(({ from }) => from.path))];
  const found = paths.map((path): Upstream => {
    const here = servers.filter(({ from }) => from.path === path);
    const off = here.filter(({ words }) => words.includes('down'));
    const guess = ({ words, from }: Directive): Guess => ({ value: words[1] as string, from });
    const file = files.find((each) => each.path === path);
    return {
      file: { value: path, from: here[0]?.from ?? null },
      active: here.filter((each) => !off.includes(each)).map(guess),
      idle: [...off.map(guess), ...(file === undefined ? [] : commentedOut(file))],
    };
  });
  return found.sort((a, b) => b.active.length + b.idle.length - a.active.length - a.idle.length)[0] ?? null;
}

function commentedOut({ path, lines }: ProjectFile): Guess[] {
  return lines.flatMap((line, index) => {
    const address = /^\s*#\s*server\s+(\S+?)\s*(?:\s[\w= ]+)?;/.exec(line.slice(0, MAX_LINE_CHARS))?.[1] ?? '';
    return ADDRESS.test(address) ? [{ value: address, from: { path, line: index + 1 } }] : [];
  });
}

function healthOf(all: readonly Directive[]): Guess | null {
  for (const { words, from } of all) {
    const path = words.at(-1) ?? '';
    if (words[0] === 'location' && HEALTH.test(path)) return { value: path, from };
  }
  return null;
}

/** Routes that say by their name that they are there to be asked how the app is. */
export const HEALTH = /^\/(?:[\w-]+\/)?(?:healthz?|health-?check|readyz?|ready|livez?|up|ping|status|_health)$/;

function headerOf(all: readonly Directive[]): Guess | null {
  const found = all.find(({ words }) => words[0] === 'add_header' && VERSION_HEADER.test(words[1] ?? ''));
  return found === undefined ? null : { value: (found.words[1] as string).toLowerCase(), from: found.from };
}

/** A header that tells releases apart. */
export const VERSION_HEADER = /^x-(?:[a-z]+-)?(?:release|version|revision|build|commit)(?:-id|-sha)?$/i;

function wordOf(all: readonly Directive[], name: string, form: RegExp): Guess | null {
  const found = all.find(({ words }) => words[0] === name && form.test(words[1] ?? ''));
  return found === undefined ? null : { value: found.words[1] as string, from: found.from };
}
