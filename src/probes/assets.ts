import { createHash } from 'node:crypto';
import type { PhaseKind } from '../model/phase.js';
import type { Connection } from '../wire/connection.js';
import type { Exchange } from '../wire/exchange.js';
import { versionOf } from '../wire/expect.js';
import type { RequestPlan } from '../wire/plan.js';
import { type Asked, type Client, isOwnAnswer, withClient } from './client.js';
import { type Asset, assetsOf, hasHash } from './page.js';
import type { ProbeOptions } from './plan.js';
import type { Probe, ProbeContext } from './probe.js';
import { repeat } from './schedule.js';

/** Phases in which users may hold a page of one release while another one answers. */
const MOVING: readonly PhaseKind[] = ['switch', 'reload', 'rollback', 'custom'];
const MOST_ROUNDS = 4;
/** Connections a browser opens to one origin. */
const LANES = 6;
/** Pages with different assets that are remembered: the first, and the latest ones. */
const MOST_PAGES = 4;
/** Paths of which anything is remembered. */
const MOST_PATHS = 5000;

/**
 * Loads a page and its assets as a browser does. While the release moves, the assets of every page seen so far are asked
 * for: those of the old page, which a browser may ask for late, and those of the new one, which may meet the old release.
 */
export const assets: Probe<'assets'> = {
  name: 'assets',
  async run(options, context) {
    const memory: Memory = { pages: [], good: new Set(), broken: new Set(), failing: new Set(), hashes: new Map() };
    const phase = { moving: false, before: true };
    context.onPhase(({ kind }) => {
      phase.moving = MOVING.includes(kind);
      phase.before = kind === 'warmup' || kind === 'baseline';
    });
    await withClient(context, context.plan.endpoint, async (client) => {
      const round = () => loadAll({ client, context, options, memory, ...phase });
      await repeat(context, options.everyMs, round, MOST_ROUNDS);
    });
  },
};

interface Page {
  /** Whose it was, for people. */
  name: string;
  key: string;
  assets: Asset[];
}

interface Memory {
  pages: Page[];
  /** Paths that were once answered as they should. */
  good: Set<string>;
  /** Paths that failed before the release: not its doing, and not asked for again. */
  broken: Set<string>;
  /** Paths whose failure was counted: once for each outage, not once for each try. */
  failing: Set<string>;
  /** The first content of paths with a hash in their name. */
  hashes: Map<string, string>;
}

interface Round {
  client: Client;
  context: ProbeContext;
  options: ProbeOptions['assets'];
  memory: Memory;
  moving: boolean;
  /** Before the first step. */
  before: boolean;
}

type Wanted = Asset & { page: Page };

async function loadAll(round: Round): Promise<void> {
  const { client, memory, moving, options } = round;
  const first = client.connect();
  const page = await loadPage(round, first);
  const pages = [...(page === null ? [] : [page]), ...(moving ? memory.pages : [])];
  const wanted = new Map<string, Wanted>();
  for (const named of pages) {
    for (const asset of named.assets) {
      if (!memory.broken.has(asset.path) && !wanted.has(asset.path)) wanted.set(asset.path, { ...asset, page: named });
    }
  }
  const queue = [...wanted.values()];
  const lanes = Array.from({ length: Math.min(LANES, queue.length) }, (_, lane) =>
    lane === 0 ? first : client.connect(),
  );
  await Promise.all(lanes.map((connection) => loadInTurn(round, connection, queue)));
  client.drop(first);
  if (page === null) return;
  const good = page.assets.filter(({ path }) => memory.good.has(path)).length;
  const bad = page.assets.filter(({ path }) => memory.broken.has(path)).map(({ path }) => path);
  const leftOut =
    bad.length === 0 ? '' : `; ${bad.length} failed before the release and are left out: ${bad.join(', ')}`;
  if (good > 0) client.sayReady(`GET ${options.page} and its ${good} assets${leftOut}`);
}

/** The page as it is served now; null where it is not. */
async function loadPage({ client, context, options, memory, before }: Round, on: Connection): Promise<Page | null> {
  let named: Asset[] = [];
  const asked = await client.ask(get(options.page, options.headers), {
    on,
    keepBody: true,
    judge: ({ body }) => {
      const url = new URL(options.page, context.plan.endpoint.origin).href;
      named = assetsOf(body?.toString('utf8') ?? '', url, options.most);
      // A later page without assets is served well; a first one leaves nothing to look after.
      return named.length === 0 && before && !client.ready ? 'the page names no asset on its own origin' : null;
    },
  });
  if (asked.fate === 'ok') memory.failing.delete(options.page);
  else if (asked.fate === 'failed' && asked.outcome.kind !== 'ok') countOnce(client, memory, options.page, asked);
  if (asked.fate !== 'ok') return null;
  return remember(memory, named, nameOf(asked, context));
}

function remember(memory: Memory, named: Asset[], name: string): Page {
  const key = named.map(({ path }) => path).join('\n');
  const known = memory.pages.find((page) => page.key === key);
  if (known !== undefined) return known;
  const page = { name, key, assets: named };
  memory.pages.push(page);
  if (memory.pages.length > MOST_PAGES) memory.pages.splice(1, 1);
  return page;
}

async function loadInTurn(round: Round, first: Connection, queue: Wanted[]): Promise<void> {
  let connection = first;
  for (let asset = queue.shift(); asset !== undefined; asset = queue.shift()) {
    if (connection.gone || connection.closeAnnounced) {
      round.client.drop(connection);
      connection = round.client.connect();
    }
    await loadAsset(round, connection, asset);
  }
  round.client.drop(connection);
}

async function loadAsset({ client, options, memory, before }: Round, on: Connection, asset: Wanted): Promise<void> {
  const { path, page } = asset;
  const hash = createHash('sha256');
  const asked = await client.ask(get(path, options.headers), {
    on,
    name: path,
    onBody: (piece) => hash.update(piece),
    judge: (result) => problemOf(asset, result, hash.digest('hex'), memory),
  });
  if (asked.fate === 'ok') {
    add(memory.good, path);
    memory.failing.delete(path);
  }
  if (asked.fate !== 'failed') return;
  const neverGood = before && isOwnAnswer(asked) && !memory.good.has(path);
  if (neverGood) add(memory.broken, path);
  else countOnce(client, memory, path, { ...asked, name: `${path}, named by ${page.name}` });
}

function countOnce(client: Client, { failing }: Memory, path: string, asked: Asked): void {
  if (!failing.has(path)) client.failed(asked);
  add(failing, path);
}

function problemOf(
  { path, code }: Asset,
  { status, headers }: Exchange,
  digest: string,
  { hashes }: Memory,
): string | null {
  if (code && /^text\/html\b/i.test(headers['content-type'] ?? '')) return 'an HTML page in its place';
  if (status !== 200 || !hasHash(path)) return null;
  const known = hashes.get(path);
  if (known === undefined && hashes.size < MOST_PATHS) hashes.set(path, digest);
  return known === undefined || known === digest ? null : 'other content than before, under a name with its hash';
}

function add(paths: Set<string>, path: string): void {
  if (paths.size < MOST_PATHS) paths.add(path);
}

function nameOf({ result }: Asked, { plan }: ProbeContext): string {
  const version = versionOf(plan.version, result);
  return version === null ? `the page first seen at ${(result.endedAt / 1000).toFixed(1)} s` : `the page of ${version}`;
}

function get(path: string, headers: Record<string, string>): RequestPlan {
  return { method: 'GET', path, headers, body: null, expect: { statuses: null, body: null, json: [], headers: [] } };
}
