import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openChromium } from './chromium.js';
import { eventfulRun, openPage, type Site, type Watched, writeReport } from './pages.js';

const { run, judgement } = eventfulRun();
let browser: Browser;
let site: Site;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  [browser, site] = await Promise.all([openChromium(), writeReport({ run, judgement })]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await site?.remove();
});
beforeEach(async () => {
  watched = await openPage(browser, site.url);
  page = watched.page;
});
/** Whatever a test did: the page said nothing and asked nobody. */
afterEach(async () => {
  expect(watched.complaints).toEqual([]);
  expect(watched.requests).toEqual([]);
  await watched.close();
});

const canvas = () => page.locator('#timeline-figure canvas');
const rows = () => page.locator('#failed-requests tbody tr');

async function zoomed(): Promise<[number, number] | null> {
  const match = /#t=([\d.]+)-([\d.]+)$/.exec(page.url());
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

async function boxOf(element: Locator) {
  await element.scrollIntoViewIfNeeded();
  const box = await element.boundingBox();
  if (box === null) throw new Error('not shown');
  return box;
}

/** Drags over a share of the element's width, by its middle. */
async function drag(element: Locator, from: number, to: number): Promise<void> {
  const { x, y, width, height } = await boxOf(element);
  await page.mouse.move(x + width * from, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + (width * (from + to)) / 2, y + height / 2);
  await page.mouse.move(x + width * to, y + height / 2);
  await page.mouse.up();
}

describe('the timeline', () => {
  it('zooms to what is dragged over, says so in the address, and comes back by double-click or the Back button', async () => {
    await drag(canvas(), 0.4, 0.6);
    const [from, to] = (await zoomed()) ?? [];
    expect(from).toBeGreaterThan(6);
    expect(to).toBeLessThan(13);
    expect((to ?? 0) - (from ?? 0)).toBeGreaterThan(2);
    await page.goBack();
    expect(await zoomed()).toBeNull();
    await drag(canvas(), 0.4, 0.6);
    await canvas().dblclick();
    expect(await zoomed()).toBeNull();
  });

  it('moves by Shift-drag', async () => {
    await page.goto(`${site.url}#t=8.0-12.0`);
    await page.keyboard.down('Shift');
    await drag(canvas(), 0.3, 0.8);
    await page.keyboard.up('Shift');
    const [from, to] = (await zoomed()) ?? [0, 0];
    expect(from).toBeLessThan(7);
    expect(to - from).toBeCloseTo(4, 1);
  });

  it('zooms and moves by the keys while it has the focus', async () => {
    await page.locator('#timeline-figure .stage').focus();
    await page.keyboard.press('+');
    const [from, to] = (await zoomed()) ?? [0, 0];
    expect(to - from).toBeCloseTo(run.durationMs / 2000, 0);
    await page.keyboard.press('ArrowRight');
    expect((await zoomed())?.[0]).toBeGreaterThan(from);
    await page.keyboard.press('-');
    await page.keyboard.press('Escape');
    expect(await zoomed()).toBeNull();
  });

  it('zooms and moves by buttons', async () => {
    await page.getByRole('button', { name: 'Zoom in' }).click();
    const before = (await zoomed()) ?? [0, 0];
    await page.getByRole('button', { name: 'Earlier' }).click();
    expect((await zoomed())?.[0]).toBeLessThan(before[0]);
    await page.getByRole('button', { name: 'Whole run' }).click();
    expect(await zoomed()).toBeNull();
  });

  it('tells the values at the pointer, and points at the same moment in the other charts', async () => {
    const { x, y, width, height } = await boxOf(canvas());
    await page.mouse.move(x + width * 0.55, y + height / 2);
    const tip = page.locator('#timeline-figure .tip');
    expect(await tip.innerText()).toMatch(/^\d+\.\d s {2}reload \+\d\.\d s\n\d+ requests, [1-9]\d* failed/);
    for (const chart of ['#watched', '#statuses', '#heat-map']) {
      expect(await page.locator(`${chart} .cursor`).locator('visible=true').count(), chart).toBe(1);
    }
    await page.mouse.move(x + width / 2, y - 60);
    expect(await tip.isVisible()).toBe(false);
  });

  it('hides and shows a series by its entry in the legend', async () => {
    const entry = page.locator('#timeline-figure .legend').getByRole('button', { name: 'refused' });
    const picture = () => canvas().evaluate((element) => (element as HTMLCanvasElement).toDataURL());
    const before = await picture();
    await entry.click();
    expect(await entry.getAttribute('aria-pressed')).toBe('false');
    expect(await picture()).not.toBe(before);
    await entry.click();
    expect(await entry.getAttribute('aria-pressed')).toBe('true');
    expect(await picture()).toBe(before);
  });

  it('hides a line of a flow by its entry in the legend', async () => {
    const flow = page.locator('#flow-0');
    await flow.locator('summary').first().click();
    const entry = flow.locator('.legend').getByRole('button', { name: 'p99' });
    const line = flow.locator('defs [data-series=p99]');
    const isHidden = () => line.evaluate((element) => getComputedStyle(element).display === 'none');
    expect(await isHidden()).toBe(false);
    await entry.click();
    expect([await entry.getAttribute('aria-pressed'), await isHidden()]).toEqual(['false', true]);
    await entry.click();
    expect([await entry.getAttribute('aria-pressed'), await isHidden()]).toEqual(['true', false]);
  });

  it('begins where a link to it says', async () => {
    await page.goto('about:blank');
    await page.goto(`${site.url}#t=9.0-10.5`);
    await page.locator('#timeline-figure.live').waitFor();
    expect(await page.locator('#timeline').boundingBox()).toMatchObject({ y: expect.closeTo(56, -2) });
    expect(await page.locator('#failed-requests .count').innerText()).toContain('(from 9.0 to 10.5 s)');
  });

  it('is what the links of outages, stalls, findings and waits for locks lead to, with scripts or without', async () => {
    for (const section of ['#outages', '#findings', '#locks']) {
      const links = page.locator(`${section} a[href^="#t="]`);
      expect(await links.count(), section).toBeGreaterThan(0);
      for (const href of await links.evaluateAll((all) => all.map((link) => link.getAttribute('href') ?? ''))) {
        expect(await page.locator(`[id="${href.slice(1)}"]`).count(), `${section} ${href}`).toBe(1);
      }
      await links.first().click();
      expect(await zoomed(), section).not.toBeNull();
    }
  });
});

describe('the other charts on the axis of time', () => {
  it.each(['#watched', '#statuses', '#heat-map'])(
    '%s follows the zoom of the timeline, and zooms it',
    async (chart) => {
      const svg = page.locator(`${chart} svg.wide[data-axis]`);
      const ticks = () => svg.locator('text:visible', { hasText: /^[\d.]+ s$/ }).allTextContents();
      const whole = await ticks();
      await drag(svg, 0.4, 0.6);
      const [from, to] = (await zoomed()) ?? [0, 0];
      expect(to - from).toBeLessThan(6);
      const close = (await ticks()).map((text) => Number.parseFloat(text));
      expect(close.length).toBeGreaterThan(2);
      expect(Math.min(...close)).toBeGreaterThanOrEqual(from);
      expect(Math.max(...close)).toBeLessThanOrEqual(to);
      expect(await svg.locator('.stretched').count()).toBeGreaterThan(0);
      await page.locator(`${chart} figure`).focus();
      await page.keyboard.press('Escape');
      expect(await ticks()).toEqual(whole);
      expect(await svg.locator('.stretched').count()).toBe(0);
    },
  );
});

describe('the failed requests', () => {
  const total = run.failures.length;
  const choice = (name: string) => page.getByRole('combobox', { name });
  const count = () => page.locator('#failed-requests .count').innerText();

  it('are all there, a part at a time', async () => {
    expect(total).toBeGreaterThan(150);
    expect(await count()).toBe(`${total} of ${total} rows, the first 150 shown`);
    expect(await rows().count()).toBe(150);
    await page.getByRole('button', { name: 'Show more rows' }).click();
    expect(await rows().count()).toBe(Math.min(300, total));
  });

  it('look as they do without scripts', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const still = await context.newPage();
    await still.goto(site.url);
    const texts = (from: Page) => from.locator('#failed-requests tbody tr').allInnerTexts();
    expect(await texts(page)).toEqual(await texts(still));
    await context.close();
  });

  it('are filtered by text, flow, step, cause and connection', async () => {
    await choice('Cause').selectOption('unexpected-status');
    const wrong = run.failures.filter(({ outcome }) => outcome.kind === 'wrong');
    expect(await count()).toBe(`${wrong.length} of ${total} rows`);
    await choice('Flow').selectOption('checkout');
    await choice('Connection').selectOption('reused');
    await choice('Step').selectOption('reload');
    const left = wrong.filter(({ flow, connection }) => flow === 'checkout' && connection === 'reused');
    expect(await rows().count()).toBe(left.length);
    await page.getByRole('searchbox', { name: 'Search' }).fill(`${left[0]?.seq} 502`);
    expect(await rows().first().innerText()).toContain(String(left[0]?.seq));
    await page.getByRole('searchbox', { name: 'Search' }).fill('nothing like this');
    expect(await rows().count()).toBe(0);
  });

  it('are those of the zoomed window, as long as that is wanted', async () => {
    await page.goto(`${site.url}#t=9.0-9.5`);
    const within = run.failures.filter(({ endedAt }) => endedAt <= 9500).length;
    await expect.poll(count, { timeout: 10_000 }).toBe(`${within} of ${total} rows (from 9.0 to 9.5 s)`);
    await page.getByLabel('in the zoomed window only').uncheck();
    expect(await count()).toContain(`${total} of ${total} rows`);
  });

  it('are sorted by any column', async () => {
    const number = page.getByRole('columnheader', { name: '#' });
    await number.getByRole('button').click();
    expect(await number.getAttribute('aria-sort')).toBe('ascending');
    await number.getByRole('button').click();
    expect(await number.getAttribute('aria-sort')).toBe('descending');
    const numbers = (await rows().locator('td:nth-child(3)').allInnerTexts()).map(Number);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    expect(numbers[0]).toBe(Math.max(...run.failures.map(({ seq }) => seq)));
  });

  it('are downloaded as CSV, as filtered', async () => {
    await choice('Cause').selectOption('refused');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download as CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('failed-requests.csv');
    const records = parse(await readFile(await download.path(), 'utf8'), { columns: true }) as Record<string, string>[];
    const refused = run.failures.filter(({ outcome }) => 'cause' in outcome && outcome.cause === 'refused');
    expect(records.map(({ number }) => Number(number))).toEqual(refused.map(({ seq }) => seq));
    expect(records[0]).toMatchObject({ cause: 'refused', flow: refused[0]?.flow, step: 'reload', status: '' });
  });
});
