import { isAbsolute, resolve } from 'node:path';
import type { WatcherName } from '../model/watch.js';
import { APART, MEASURING, WATCHERS } from '../model/watch.js';
import { haproxyAddress } from '../platform/haproxy.js';
import type { RemoteHost } from '../platform/ssh.js';
import type { IdsPlan, LinePattern, WatchPlan, WatchPlanOf } from '../watchers/plan.js';
import { readTargetUrl } from './endpoints.js';
import { readHeaders } from './headers.js';
import { type Hosts, hostNamed } from './hosts-ssh.js';
import { isTrue } from './leaves.js';
import { readRegExp } from './matchers.js';
import type { Path, Report } from './problem.js';
import type { CheckedWatch } from './schema.js';
import { oneOf, show } from './suggest.js';
import { DEFAULT_PATTERNS } from './watch-patterns.js';

/** What surrounds `watch` in the scenario. */
export interface WatchContext {
  dir: string;
  hosts: Hosts;
}

/** Watchers that can look at another machine. */
const REMOTE: readonly WatcherName[] = ['link', 'processes', 'log', 'sockets', 'systemd', 'journal'];

/** Keys that speak of a watcher of a certain kind. */
const BESIDE = {
  patterns: ['log', 'journal'],
  ids: ['log'],
  backends: ['haproxy'],
  disk: ['resources'],
} as const satisfies Record<string, readonly WatcherName[]>;

/** Reads `watch`; an entry with a fault is left out, and reported. */
export function readWatch(
  input: CheckedWatch | undefined,
  context: WatchContext,
  path: Path,
  report: Report,
): WatchPlan[] {
  const plans = (input ?? []).flatMap((entry, index) => readEntry(entry, context, [...path, index], report) ?? []);
  return withNames(plans, input ?? [], path, report);
}

/** Names of the watchers that a threshold can speak of. */
export function measuredBy(watch: readonly Pick<WatchPlan, 'kind' | 'name'>[]): string[] {
  const measuring = watch.filter(({ kind }) => MEASURING.includes(kind));
  const apart = measuring.flatMap(({ kind, name }) => (APART[kind] ?? []).map((subject) => `${name}/${subject}`));
  return [...measuring.map(({ name }) => name), ...apart];
}

type Entry = CheckedWatch[number];
type Unnamed<Name extends WatcherName = WatcherName> = WatchPlanOf<Name>;

function readEntry(entry: Entry, context: WatchContext, path: Path, report: Report): Unnamed | null {
  const kinds = WATCHERS.filter((kind) => entry[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kind === undefined ? 'nothing to watch' : `${kinds.length} things to watch (${oneOf(kinds)})`;
    report(path, `${found}: an entry has exactly one of ${oneOf(WATCHERS)}`);
    return null;
  }
  for (const [key, of] of Object.entries(BESIDE)) {
    if (entry[key as keyof typeof BESIDE] === undefined || (of as readonly string[]).includes(kind)) continue;
    report([...path, key], `\`${key}\` belongs beside ${oneOf(of)}, not beside \`${kind}\``, { part: 'key' });
  }
  const on = hostOf(entry, kind, context, path, report);
  const here: Here = { entry, on, dir: context.dir, path: [...path, kind], entryPath: path, report };
  return READERS[kind](here as never) as Unnamed | null;
}

interface Here {
  entry: Entry;
  on: RemoteHost | null;
  dir: string;
  /** Of what is watched. */
  path: Path;
  entryPath: Path;
  report: Report;
}

/** `name` is what is watched; the user's own name comes later. */
const READERS: { [Name in WatcherName]: (here: Here) => Unnamed<Name> | null } = {
  link: (here) => {
    const path = pathOf(here.entry.link as string, here.path, here);
    return { kind: 'link', name: path, of: path, on: here.on, path };
  },
  processes: (here) => {
    const { pidfile, match } = here.entry.processes as NonNullable<Entry['processes']>;
    if ((pidfile === undefined) === (match === undefined)) {
      here.report(here.path, 'expected exactly one of `pidfile` and `match`');
      return null;
    }
    const { on } = here;
    if (pidfile !== undefined) {
      const path = pathOf(pidfile, [...here.path, 'pidfile'], here);
      return { kind: 'processes', name: path, of: `the processes of ${path}`, on, pidfile: path, match: null };
    }
    const { source, flags } = readRegExp(match as string, [...here.path, 'match'], here.report);
    const of = `processes that match ${show(match)}`;
    return { kind: 'processes', name: String(match).slice(0, 60), of, on, pidfile: null, match: { source, flags } };
  },
  log: (here) => {
    const path = pathOf(here.entry.log as string, here.path, here);
    const ids = idsOf(here);
    const named = ids === null ? {} : { ids };
    return { kind: 'log', name: path, of: path, on: here.on, path, patterns: patternsOf(here), ...named };
  },
  sockets: (here) => {
    const listen = (here.entry.sockets ?? []).map((each, index) =>
      socketOf(String(each).trim(), [...here.path, index], here),
    );
    return { kind: 'sockets', name: listen.join(', '), of: listen.join(', '), on: here.on, listen };
  },
  systemd: ({ entry, on }) => {
    const units = entry.systemd ?? [];
    return { kind: 'systemd', name: units.join(', '), of: units.join(', '), on, units };
  },
  journal: (here) => {
    const units = here.entry.journal ?? [];
    const name = `journal of ${units.join(', ')}`;
    return { kind: 'journal', name, of: name, on: here.on, units, patterns: patternsOf(here) };
  },
  haproxy: (here) => {
    const text = here.entry.haproxy as string;
    const address = haproxyAddress(text);
    if (address === null) here.report(here.path, `expected a path or \`127.0.0.1:9999\`, got ${show(text)}`);
    const socket = address !== null && 'path' in address ? resolve(here.dir, address.path) : text;
    return { kind: 'haproxy', name: socket, of: socket, on: null, socket, backends: here.entry.backends ?? [] };
  },
  docker: (here) => {
    const { containers, project, service, socket: given } = here.entry.docker as NonNullable<Entry['docker']>;
    if ([containers, project, service].filter((each) => each !== undefined).length !== 1) {
      here.report(here.path, 'expected exactly one of `containers`, `project` and `service`');
      return null;
    }
    for (const [index, name] of (containers ?? []).entries())
      if (!/^[A-Za-z0-9][\w.-]*\*?$/.test(name))
        here.report(
          [...here.path, 'containers', index],
          `expected a name, or one that ends with \`*\`, got ${show(name)}`,
        );
    const socket = given === undefined ? null : engineSocketOf(given, [...here.path, 'socket'], here);
    const name = service ?? project ?? (containers ?? []).join(', ');
    const of =
      service !== undefined
        ? `the Swarm service ${service}`
        : project !== undefined
          ? `the Compose project ${project}`
          : `the containers ${name}`;
    return {
      ...{ kind: 'docker', name, of, on: null, containers: containers ?? [] },
      ...{ project: project ?? null, service: service ?? null, socket },
    };
  },
  kubernetes: (here) => {
    const { deployment, namespace, context, kubeconfig } = here.entry.kubernetes as NonNullable<Entry['kubernetes']>;
    // Both become parts of the paths that are asked for.
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(deployment))
      here.report(
        [...here.path, 'deployment'],
        `expected the name of a Deployment such as \`web\`, got ${show(deployment)}`,
      );
    if (namespace !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(namespace))
      here.report(
        [...here.path, 'namespace'],
        `expected the name of a namespace such as \`shop\`, got ${show(namespace)}`,
      );
    const name = namespace === undefined ? deployment : `${namespace}/${deployment}`;
    return {
      ...{ kind: 'kubernetes', name, of: `the Deployment ${name}`, on: null, deployment },
      namespace: namespace ?? null,
      context: context ?? null,
      kubeconfig: kubeconfig === undefined ? null : pathOf(kubeconfig, [...here.path, 'kubeconfig'], here),
    };
  },
  metric: ({ entry, path, report }) => {
    const { prometheus, query, name, headers } = entry.metric as NonNullable<Entry['metric']>;
    const url = readTargetUrl(prometheus, [...path, 'prometheus'], report);
    if (name !== undefined && entry.name !== undefined)
      report([...path, 'name'], 'the name is given twice', { part: 'key' });
    return {
      kind: 'metric',
      name: name ?? query.slice(0, 100),
      of: `${query} of ${url?.origin ?? prometheus}`,
      on: null,
      prometheus: `${url?.origin ?? ''}${url?.pathname.replace(/\/+$/, '') ?? ''}`,
      query,
      headers: readHeaders(headers, [...path, 'headers'], report),
    };
  },
  queue: ({ entry, path, report }) => {
    const { redis, keys } = entry.queue as NonNullable<Entry['queue']>;
    const at = [...path, 'redis'];
    if (!/^rediss?:\/\//.test(redis) || !URL.canParse(redis)) {
      report(at, 'expected a URL such as `redis://127.0.0.1:6379/0`');
      return null;
    }
    const { pathname } = new URL(redis);
    if (pathname.length > 1 && !/^\/\d{1,5}$/.test(pathname))
      report(at, 'the path is the number of a database, such as `/0`');
    return {
      kind: 'queue',
      name: keys.join(', '),
      of: `${keys.join(', ')} in ${placeOf(redis)}`,
      on: null,
      redis,
      keys,
    };
  },
  postgres: ({ entry, path, report }) => {
    const url = entry.postgres as string;
    // By a Unix socket there is no host, and the rest is no URL to others: `postgres://shop@/shop?host=/run/postgresql`.
    if (!/^postgres(?:ql)?:\/\//.test(url)) {
      report(path, 'expected a URL such as `postgres://127.0.0.1:5432/shop`');
      return null;
    }
    return { kind: 'postgres', name: placeOf(url), of: placeOf(url), on: null, url };
  },
  resources: (here) => {
    const what = [...new Set(here.entry.resources ?? [])];
    const disk = here.entry.disk === undefined ? here.dir : pathOf(here.entry.disk, [...here.entryPath, 'disk'], here);
    return { kind: 'resources', name: 'resources', of: what.join(', '), on: null, what, disk };
  },
};

/** A path of this machine counts from the scenario's folder, as those of steps do. */
function pathOf(text: string, path: Path, { on, dir, report }: Here): string {
  if (on === null) return resolve(dir, text);
  if (!isAbsolute(text)) report(path, `expected an absolute path on ${on.name}, got ${show(text)}`);
  return text;
}

/** A path, also as `DOCKER_HOST` has it. */
function engineSocketOf(text: string, path: Path, { dir, report }: Here): string {
  const bare = text.replace(/^unix:\/\//, '');
  if (/^[a-z]+:\/\//.test(bare)) report(path, `expected the path of a Unix socket, got ${show(text)}`);
  return resolve(dir, bare);
}

const PORT = /^(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._*-]+)?:)?(\d{1,5})$/;

function isPort(text: string): boolean {
  const port = Number(PORT.exec(text)?.[2]);
  return port > 0 && port < 65_536;
}

/** `127.0.0.1:8080`, `8080` for every address, or a path. */
function socketOf(text: string, path: Path, here: Here): string {
  const address = PORT.exec(text)?.[1] ?? '*';
  if (!isPort(text)) {
    if (!text.includes('/')) here.report(path, `expected \`127.0.0.1:8080\`, a port or a path, got ${show(text)}`);
    return pathOf(text, path, here);
  }
  if (!/^(?:\*|\d+\.\d+\.\d+\.\d+|\[.*\]|localhost)$/.test(address))
    here.report(path, `expected an IP address before the port, got ${show(address)}`);
  return address === '*' ? `*:${PORT.exec(text)?.[2]}` : text.replace(/^localhost:/, '127.0.0.1:');
}

/** `127.0.0.1:5432/shop`: without user, password and parameters, whatever characters are in them. */
function placeOf(url: string): string {
  return url
    .replace(/^[a-z]+:\/\/(?:.*@)?/s, '')
    .replace(/\?.*$/s, '')
    .replace(/^\/|\/$/g, '');
}

function patternsOf({ entry, entryPath, report }: Here): LinePattern[] {
  const given = Object.entries(entry.patterns ?? {}).map(([name, said]): LinePattern => {
    const at = [...entryPath, 'patterns', name];
    const { match, requestError } = typeof said === 'object' ? said : { match: said, requestError: false };
    const { source, flags } = readRegExp(match, typeof said === 'object' ? [...at, 'match'] : at, report);
    return { name: name.slice(0, 60), source, flags, isRequestError: isTrue(requestError) };
  });
  return [...given, ...DEFAULT_PATTERNS.filter(({ name }) => !given.some((own) => own.name === name))];
}

function idsOf({ entry: { ids }, entryPath, report }: Here): IdsPlan | null {
  if (ids === undefined) return null;
  if (typeof ids === 'string') return { side: ids, match: null };
  if (ids.match === undefined) return { side: ids.of, match: null };
  const { source, flags } = readRegExp(ids.match, [...entryPath, 'ids', 'match'], report);
  return { side: ids.of, match: { source, flags } };
}

/** The other machine or container that an entry looks at. */
function hostOf(
  { on, via }: Entry,
  kind: WatcherName,
  { dir, hosts }: WatchContext,
  path: Path,
  report: Report,
): RemoteHost | null {
  const key = on !== undefined ? 'on' : 'via';
  if (on === undefined && via === undefined) return null;
  if (on !== undefined && via !== undefined) report([...path, 'via'], '`on` and `via` are both given', { part: 'key' });
  if (!REMOTE.includes(kind)) {
    report([...path, key], `\`${kind}\` is watched from this machine; \`${key}\` is for ${oneOf(REMOTE)}`, {
      part: 'key',
    });
    return null;
  }
  if (via !== undefined) return { name: via.join(' '), shell: [programOf(via[0] ?? '', dir), ...via.slice(1), 'sh'] };
  return hostNamed(on, hosts, [...path, 'on'], report);
}

/** A program given by its path is looked for from the scenario's folder on. */
function programOf(word: string, dir: string): string {
  return word.includes('/') ? resolve(dir, word) : word;
}

/** Puts the user's names in; the others are told apart where two watch the same. */
function withNames(plans: WatchPlan[], input: CheckedWatch, path: Path, report: Report): WatchPlan[] {
  const taken = new Set<string>();
  const own = input.map(({ name, metric }) => name ?? metric?.name);
  for (const [index, name] of own.entries()) {
    if (name === undefined) continue;
    if (taken.has(name)) report([...path, index], `there is another watcher called ${show(name)}`);
    taken.add(name);
  }
  return plans.map((plan, index) => {
    const given = plans.length === input.length ? own[index] : undefined;
    if (given !== undefined) return { ...plan, name: given };
    const base = plan.on === null ? plan.name : `${plan.on.name}: ${plan.name}`;
    let name = base;
    for (let number = 2; taken.has(name); number += 1) name = `${base} (${number})`;
    taken.add(name);
    return { ...plan, name };
  });
}
