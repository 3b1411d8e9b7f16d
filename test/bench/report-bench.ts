import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { openChromium } from '../browser/chromium.ts';
import { ask } from './record-bench.ts';
import { asText, digits, type Section } from './table.ts';

const COUNTS = [10_000, 100_000, 1_000_000];
const LARGEST = 10_000_000;
const OPENINGS = 3;

interface Opening {
  loadMs: number;
  firstPaintMs: number;
}

interface Row extends Opening {
  requests: number;
  ratePerSec: number;
  judgeSeconds: number;
  renderSeconds: number;
  bytes: number;
}

/** What the report of so many requests weighs, and how long it takes to make and to open. Needs `dist/` and Chromium. */
export async function reportBench(full: boolean): Promise<void> {
  const browser = await openChromium();
  try {
    const rows: Row[] = [];
    for (const count of full ? [...COUNTS, LARGEST] : COUNTS) {
      process.stderr.write(`${digits(count)} requests\n`);
      rows.push(await measure(browser, count));
    }
    process.stdout.write(asText(sectionOf(rows)));
  } finally {
    await browser.close();
  }
}

async function measure(browser: Browser, requests: number): Promise<Row> {
  const parent = await mkdtemp(join(tmpdir(), 'zdd-bench-'));
  const ratePerSec = requests > 1_000_000 ? 2000 : 200;
  try {
    const dir = join(parent, 'run');
    await ask(new URL('./synthetic-record.mjs', import.meta.url), [String(requests), dir, String(ratePerSec)]);
    const made = await ask(new URL('./report-page.mjs', import.meta.url), [dir]);
    if (made.faults.length > 0) throw new Error(made.faults.join('; '));
    const openings: Opening[] = [];
    for (let n = 0; n < OPENINGS; n++) openings.push(await open(browser, join(dir, 'report.html')));
    const [, middle] = openings.sort((a, b) => a.loadMs - b.loadMs);
    const { judgeSeconds, renderSeconds, bytes } = made;
    return { requests, ratePerSec, judgeSeconds, renderSeconds, bytes, ...(middle as Opening) };
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function open(browser: Browser, file: string): Promise<Opening> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  try {
    await page.goto(pathToFileURL(file).href, { waitUntil: 'load', timeout: 120_000 });
    await page.locator('#timeline-figure.live').waitFor();
    await page.waitForFunction(`performance.getEntriesByName('first-paint').length > 0`);
    return await page.evaluate<Opening>(`({
      loadMs: performance.getEntriesByType('navigation')[0].loadEventEnd,
      firstPaintMs: performance.getEntriesByName('first-paint')[0].startTime,
    })`);
  } finally {
    await page.close();
  }
}

function sectionOf(rows: readonly Row[]): Section {
  return {
    title: 'The report',
    columns: ['requests', 'at', 'report.html kB', 'judge s', 'make s', 'load event ms', 'first paint ms'],
    rows: rows.map((row) => [
      digits(row.requests),
      `${digits(row.ratePerSec)}/s`,
      digits(Math.round(row.bytes / 1000)),
      digits(row.judgeSeconds),
      digits(row.renderSeconds),
      digits(row.loadMs),
      digits(row.firstPaintMs),
    ]),
    notes: [
      'judge: the record read back, folded and judged; make: the page rendered and written.',
      `load event and first paint: in Chromium from the start of the navigation, the middle one of ${OPENINGS} by the load event.`,
    ],
    data: rows,
  };
}
