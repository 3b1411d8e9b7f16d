import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openChromium } from './chromium.js';
import { eventfulRun, openPage, type Site, type Watched, writeReport } from './pages.js';
import { serveFolder } from './serve.js';

/** What Jenkins sends with archived files unless it is told otherwise, and what it sent in earlier years. */
const POLICIES = {
  today: "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';",
  before: "sandbox; default-src 'none'; img-src 'self'; style-src 'self';",
};
const PICTURE = fileURLToPath(new URL('./jenkins.jpg', import.meta.url));

let browser: Browser;
let site: Site;
let server: Awaited<ReturnType<typeof serveFolder>>;
let policy = '';

beforeAll(async () => {
  [browser, site] = await Promise.all([openChromium(), writeReport(eventfulRun(), 'dir')]);
  server = await serveFolder(site.dir, () => policy);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await site?.remove();
});

const styleOf = (page: Page, selector: string, property: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), property);

it.each(Object.entries(POLICIES))('reads well under the policy of Jenkins %s', async (_when, sent) => {
  policy = sent;
  const { page, complaints, requests, close }: Watched = await openPage(browser, server.url);
  expect(complaints).toEqual([]);
  expect(requests).toEqual([server.url.replace('.html', '.css')]);
  expect(await page.locator('script, [style]').count()).toBe(0);
  expect(await page.locator('h1').innerText()).toBe('Downtime');
  expect(await styleOf(page, 'h1', 'color')).toBe('rgb(185, 28, 53)');
  expect(await styleOf(page, '.banner', 'background-color')).toBe('rgb(253, 237, 239)');
  expect(await styleOf(page, '.tiles', 'display')).toBe('grid');
  expect(await styleOf(page, 'table', 'border-collapse')).toBe('collapse');
  expect(await styleOf(page, 'nav', 'position')).toBe('sticky');
  for (const section of ['#timeline', '#watched']) {
    expect(await page.locator(`${section} svg.wide`).isVisible(), section).toBe(true);
    expect(await page.locator(`${section} svg.narrow`).isVisible(), section).toBe(false);
  }
  expect(await page.locator('.stage, .tools, .filter').locator('visible=true').count()).toBe(0);
  expect(await styleOf(page, '#timeline-figure .f-refused', 'fill')).toBe('rgb(125, 17, 40)');
  expect(await page.locator('#failed-requests tbody tr').count()).toBe(150);
  await page.locator('#outages a').first().click();
  expect(await page.locator('#timeline h2').boundingBox()).toMatchObject({ y: expect.closeTo(56, -2) });
  // Renewed with the sample report: for eyes, not for a comparison of bytes.
  if (process.env.ZDD_UPDATE_SAMPLE === '1') {
    await page.evaluate(() => scrollTo(0, 0));
    await page.setViewportSize({ width: 1280, height: 1700 });
    await page.screenshot({ path: PICTURE, type: 'jpeg', quality: 70 });
  }
  await close();
});
