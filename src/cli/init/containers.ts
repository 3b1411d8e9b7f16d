import { parseYaml } from '../../scenario/yaml-source.js';
import { filesNamed, type Guess, type Place, type ProjectFile } from './folder.js';
import { urlOf } from './nginx.js';

/** What a compose file says. */
export interface ComposeClues {
  from: Place;
  /** The file's name where compose does not look for it by itself. */
  file: string | null;
  url: Guess | null;
  health: Guess | null;
}

/** What manifests of Kubernetes say. */
export interface KubernetesClues {
  deployment: Guess;
  namespace: Guess | null;
  /** The folder of the manifest, and whether kustomize puts it together. */
  folder: string;
  kustomized: boolean;
  url: Guess | null;
  health: Guess | null;
}

type Tree = Record<string, unknown>;
type Path = (string | number)[];
/** A document of YAML, and the line at which a path of it stands. */
interface Read {
  tree: Tree;
  at(path: Path): Place;
}

const COMPOSE = /(?:^|\/)(?:docker-)?compose(?:\.[\w-]+)?\.ya?ml$/;
const FOUND_BY_ITSELF = /^(?:docker-)?compose\.ya?ml$/;
const PROXY = /nginx|haproxy|traefik|caddy|envoy|proxy/i;

export function readCompose(files: readonly ProjectFile[]): ComposeClues | null {
  // What compose finds by itself, before files that are named; an override is none of its own.
  const candidates = filesNamed(files, COMPOSE)
    .filter(({ path }) => !/override/.test(path))
    .sort((a, b) => Number(FOUND_BY_ITSELF.test(b.path)) - Number(FOUND_BY_ITSELF.test(a.path)));
  for (const file of candidates) {
    const read = documentsOf(file)[0];
    const services = mappingOf(read?.tree.services);
    if (read === undefined || Object.keys(services).length === 0) continue;
    return {
      from: read.at(['services']),
      file: FOUND_BY_ITSELF.test(file.path) ? null : file.path,
      url: publishedUrl(read, services),
      health: healthOf(read, services),
    };
  }
  return null;
}

/** The port of a proxy before that of anything else: users connect there. */
function publishedUrl(read: Read, services: Tree): Guess | null {
  const names = Object.keys(services).sort((a, b) => Number(isProxy(services, b)) - Number(isProxy(services, a)));
  for (const name of names) {
    const { ports } = mappingOf(services[name]);
    for (const [index, port] of (Array.isArray(ports) ? ports : []).entries()) {
      const published = publishedPort(port);
      if (published !== null)
        return { value: urlOf('127.0.0.1', published), from: read.at(['services', name, 'ports', index]) };
    }
  }
  return null;
}

function isProxy(services: Tree, name: string): boolean {
  return PROXY.test(`${name} ${String(mappingOf(services[name]).image ?? '')}`);
}

/** Of `8080:80`, `127.0.0.1:8080:80/tcp` or `{ published: 8080 }`; databases are none of a browser's. */
function publishedPort(port: unknown): number | null {
  const text = typeof port === 'object' && port !== null ? `${mappingOf(port).published}:0` : String(port);
  const [, published, inside] = /^(?:[\d.]+:)?(\d{2,5}):(\d{1,5})(?:\/tcp)?$/.exec(text) ?? [];
  return published === undefined || /^(?:5432|3306|6379|27017|5672|11211)$/.test(inside ?? '')
    ? null
    : Number(published);
}

function healthOf(read: Read, services: Tree): Guess | null {
  for (const name of Object.keys(services)) {
    const test = mappingOf(mappingOf(services[name]).healthcheck).test;
    const text = Array.isArray(test) ? test.join(' ') : String(test ?? '');
    const path = /https?:\/\/[\w.:-]+(\/[\w/.-]+)/.exec(text.slice(0, 1000))?.[1];
    if (path !== undefined) return { value: path, from: read.at(['services', name, 'healthcheck', 'test']) };
  }
  return null;
}

const KUSTOMIZATIONS = ['kustomization.yaml', 'kustomization.yml'];

export function readKubernetes(files: readonly ProjectFile[]): KubernetesClues | null {
  const all = filesNamed(files, /\.ya?ml$/).flatMap((file) =>
    file.lines.some((line) => /^kind:\s/.test(line)) ? documentsOf(file) : [],
  );
  const deployment = all.find(({ tree }) => tree.kind === 'Deployment' && nameOf(tree) !== null);
  if (deployment === undefined) return null;
  const from = deployment.at(['metadata', 'name']);
  const namespace = mappingOf(deployment.tree.metadata).namespace;
  const folder = from.path.includes('/') ? from.path.slice(0, from.path.lastIndexOf('/')) : '.';
  const inFolder = folder === '.' ? '' : `${folder}/`;
  return {
    deployment: { value: nameOf(deployment.tree) as string, from },
    namespace: isName(namespace) ? { value: namespace, from: deployment.at(['metadata', 'namespace']) } : null,
    folder,
    kustomized: files.some(({ path }) => KUSTOMIZATIONS.some((name) => path === `${inFolder}${name}`)),
    url: ingressUrl(all),
    health: readinessOf(deployment),
  };
}

function ingressUrl(all: readonly Read[]): Guess | null {
  for (const { tree, at } of all) {
    if (tree.kind !== 'Ingress') continue;
    const spec = mappingOf(tree.spec);
    const host = mappingOf((Array.isArray(spec.rules) ? spec.rules : [])[0]).host;
    if (typeof host === 'string' && /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/.test(host))
      return {
        value: urlOf(host, spec.tls === undefined ? 80 : 443, spec.tls !== undefined),
        from: at(['spec', 'rules', 0, 'host']),
      };
  }
  return null;
}

function readinessOf({ tree, at }: Read): Guess | null {
  const path: Path = ['spec', 'template', 'spec', 'containers', 0, 'readinessProbe', 'httpGet', 'path'];
  let value: unknown = tree;
  for (const key of path) value = (value as Record<string | number, unknown> | null | undefined)?.[key];
  return typeof value === 'string' && /^\/[\w/.-]*$/.test(value) ? { value, from: at(path) } : null;
}

function nameOf(tree: Tree): string | null {
  const { name } = mappingOf(tree.metadata);
  return isName(name) ? name : null;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(value);
}

/** The documents of a file of YAML, as far as they can be read. */
function documentsOf({ path, lines }: ProjectFile): Read[] {
  const found: Read[] = [];
  let begin = 0;
  for (let end = 0; end <= lines.length && found.length < MAX_DOCUMENTS; end += 1) {
    if (end < lines.length && !/^---(?:\s|$)/.test(lines[end] as string)) continue;
    const offset = begin;
    const { value, locate } = parseYaml(lines.slice(begin, end).join('\n'), 'yaml');
    const line = (at: Path): number => offset + (locate(at, 'value', null)?.line ?? 1);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      found.push({ tree: value as Tree, at: (at) => ({ path, line: line(at) }) });
    begin = end + 1;
  }
  return found;
}

const MAX_DOCUMENTS = 50;

function mappingOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}
