import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HOSTILE, hostileRun } from '../report/hostile.js';
import { openChromium } from './chromium.js';
import { type Judged, openPage, type Site, writeReport } from './pages.js';

/** What a spreadsheet would run, what a regular expression or a selector would trip over, and what fools scripts. */
const TEXTS = [
  '=HYPERLINK("http://evil.example","click")',
  '+1+cmd|calc!A0',
  '-2+3',
  '@SUM(1)',
  'x;=1+1',
  'a "quoted", text',
  '__proto__',
  'hatch:rise:#ff0000',
  '${alert(3)}',
  "'); alert(4); ('",
  'url(http://evil.example)',
];

function booby(): Judged {
  const { run, judgement } = hostileRun();
  run.failures = run.failures.map((failure, i) => {
    const text = TEXTS[i % TEXTS.length] as string;
    const { outcome } = failure;
    if (!('detail' in outcome)) return failure;
    return { ...failure, flow: i % 3 === 0 ? HOSTILE : text, version: text, outcome: { ...outcome, detail: text } };
  });
  return { run, judgement };
}

let browser: Browser;
let site: Site;
beforeAll(async () => {
  [browser, site] = await Promise.all([openChromium(), writeReport(booby())]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await site?.remove();
});

it('hostile strings in every field do nothing, whatever the reader does', async () => {
  const { page, complaints, requests, close } = await openPage(browser, site.url);
  await page.locator('#timeline-figure.live').waitFor();
  const active = () =>
    page.evaluate(() => ({
      handlers: [...document.querySelectorAll('*')].filter((each) =>
        [...each.attributes].some(({ name }) => /^on/i.test(name)),
      ).length,
      foreign: document.querySelectorAll('img, iframe, object, embed, form, base, video, a[href]:not([href^="#"])')
        .length,
      scripts: document.scripts.length,
    }));
  const first = await active();
  expect(first).toMatchObject({ handlers: 0, foreign: 0 });
  for (const name of ['Flow', 'Step', 'Cause', 'Connection']) {
    const choice = page.getByRole('combobox', { name, exact: true });
    const values = await choice
      .locator('option')
      .evaluateAll((all) => all.map((each) => (each as HTMLOptionElement).value));
    await choice.selectOption(values.at(-1) ?? '');
    await choice.selectOption('');
  }
  await page.getByRole('searchbox', { name: 'Search' }).fill('<script>alert(1)</script> (.*');
  await page.getByRole('searchbox', { name: 'Search' }).fill('');
  for (const header of await page.locator('#failed-requests th button').all()) await header.click();
  for (const entry of await page.locator('#timeline-figure .legend button').all()) await entry.click();
  const box = await page.locator('canvas').boundingBox();
  await page.mouse.move((box?.x ?? 0) + 600, (box?.y ?? 0) + 100);
  await page.locator('#timeline-figure .stage').focus();
  for (const key of ['+', '+', 'ArrowRight', '-', 'Escape']) await page.keyboard.press(key);
  expect(await active()).toEqual(first);
  expect(complaints).toEqual([]);
  expect(requests).toEqual([]);
  await close();
});

it('no cell of the CSV begins like a formula, and none is lost', async () => {
  const { page, close } = await openPage(browser, site.url);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download as CSV' }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  const cells = parse(text) as string[][];
  expect(cells.flat().filter((cell) => /^[=+@\t\r-]/.test(cell))).toEqual([]);
  const details = new Set(cells.slice(1).map((row) => row[10]));
  expect(details).toContain('\'=HYPERLINK("http://evil.example","click")');
  expect(details).toContain("x;'=1+1");
  expect(details).toContain("'-2+3");
  expect(details).toContain('a "quoted", text');
  await close();
});

it('an address that is no window shows the whole run', async () => {
  for (const hash of ['#t=5-', '#t=9-2', '#t=1e9-2e9', '#t=%3Cscript%3E', '#t=0.1-0.15']) {
    const { page, complaints, close } = await openPage(browser, `${site.url}${hash}`);
    await page.locator('#timeline-figure.live').waitFor();
    expect(await page.getByRole('button', { name: 'Whole run' }).isDisabled(), hash).toBe(true);
    expect(complaints, hash).toEqual([]);
    await close();
  }
});
