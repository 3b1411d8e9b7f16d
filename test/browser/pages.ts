/// <reference lib="dom" />
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { vi } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import type { Run } from '../../src/model/run.js';
import type { Judgement } from '../../src/model/verdict.js';
import { loadChartBundles } from '../../src/platform/rasterize.js';
import { renderAll } from '../../src/report/registry.js';
import { buildRun, lost, type RunPlan, wrong } from '../record/build-run.js';
import { life, lines, looked, sees, session, state, waited, watchHeader } from '../record/observations.js';

// A page takes seconds to open beside another worker.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

export interface Judged {
  run: Run;
  judgement: Judgement;
}

const MIGRATION = session(40, {
  application: 'alembic',
  statement: "alter table orders add column note text not null default ''",
  holds: 'AccessExclusiveLock',
});

/** Phases: warmup to 1 s, baseline to 6 s, build to 7 s, migrate to 9 s, reload to 14 s, rollback to 19 s. */
const PLAN: RunPlan = {
  ratePerSec: 200,
  flows: [
    { name: 'home', weight: 3 },
    { name: 'checkout', weight: 1 },
  ],
  watch: [watchHeader('postgres', 'db'), watchHeader('processes', 'workers'), watchHeader('log', 'nginx')],
  events: [
    ...[sees(500), sees(500, 1), sees(500, 2)],
    ...looked(1000, 19_000),
    ...Array.from({ length: 8 }, (_, n) =>
      waited(7200 + n * 40, 7900, {
        waiting: session(n + 2, { statement: 'insert into orders (sku, amount, customer) values ($1, $2, $3)' }),
        blocker: MIGRATION,
      }),
    ).flat(),
    ...life(10, 100, null, { main: true, watch: 1 }),
    ...life(11, 200, 9100, { watch: 1 }),
    ...life(12, 9600, null, { watch: 1 }),
    state(400, 'current', 'v1', 1),
    ...lines(9300, 'upstream', ['connect() failed (111: Connection refused) while connecting to upstream'], 2),
  ],
  fate: ({ seq, dueAt, phase }) => {
    const connection = seq % 5 === 0 ? ('fresh' as const) : ('reused' as const);
    const version = phase === 'reload' && dueAt > 9800 ? 'v2' : 'v1';
    if (dueAt >= 9100 && dueAt < 10_300) return { outcome: lost('refused'), latencyMs: 1.2, connection, version: null };
    if (dueAt >= 10_300 && dueAt < 11_000 && seq % 3 !== 0)
      return { outcome: wrong(502), latencyMs: 6, connection, version: null };
    if (dueAt >= 7200 && dueAt < 7900) return { latencyMs: 7905 - dueAt, connection, version };
    return { latencyMs: 4 + ((seq * 7919) % 13), connection, version };
  },
};

/** A release with two kinds of failures, waits for locks, and things watched. */
export function eventfulRun(): Judged {
  const run = buildRun(PLAN);
  return { run, judgement: judge(run) };
}

export interface Site {
  dir: string;
  url: string;
  remove(): Promise<void>;
}

/** The report as `zdd-verify report` writes it, in a folder of its own. */
export async function writeReport({ run, judgement }: Judged, style: 'inline' | 'dir' = 'inline'): Promise<Site> {
  const dir = await mkdtemp(join(tmpdir(), 'zdd-browser-'));
  const { files, faults } = await renderAll(run, judgement, { ...(await loadChartBundles()), style }, ['html', 'css']);
  if (faults.length > 0) throw new Error(faults.map(({ message }) => message).join('; '));
  for (const { file, content } of files) await writeFile(join(dir, file), content);
  return {
    dir,
    url: pathToFileURL(join(dir, 'report.html')).href,
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** A page, and all that a quiet report never does. */
export interface Watched {
  page: Page;
  /** Errors and warnings of the console, exceptions, dialogs. */
  complaints: string[];
  /** What it asked for beside the page itself. */
  requests: string[];
  close(): Promise<void>;
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.isNavigationRequest() && !request.url().startsWith('data:')) requests.push(request.url());
  });
  await page.goto(url, { timeout: 60_000 });
  return { page, complaints, requests, close: () => context.close() };
}
