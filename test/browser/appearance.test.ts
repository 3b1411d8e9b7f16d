import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChromium } from './chromium.js';
import { eventfulRun, openPage, type Site, writeReport } from './pages.js';

const LONG = 120_000;
const NARROW = { viewport: { width: 400, height: 800 } };
/** Pictures and PDF for eyes, where somebody asks for them. */
const LOOKS = process.env.ZDD_LOOKS;

let browser: Browser;
let site: Site;
beforeAll(async () => {
  [browser, site] = await Promise.all([openChromium(), writeReport(eventfulRun())]);
}, LONG);
afterAll(async () => {
  await browser?.close();
  await site?.remove();
});

async function withPage(options: BrowserContextOptions, use: (page: Page) => Promise<void>): Promise<void> {
  const { page, complaints, close } = await openPage(browser, site.url, options);
  await use(page);
  expect(complaints).toEqual([]);
  await close();
}

async function look(page: Page, name: string): Promise<void> {
  if (LOOKS !== undefined) await page.screenshot({ path: join(LOOKS, `${name}.png`), fullPage: true, timeout: 60_000 });
}

const background = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

describe.each([
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['narrow', NARROW],
] as [string, BrowserContextOptions][])('%s', (name, options) => {
  it(
    'has nothing that axe finds serious',
    () =>
      withPage(options, async (page) => {
        await page.locator('#timeline-figure.live').waitFor();
        await look(page, name);
        await page.evaluate(() => {
          for (const details of document.querySelectorAll('details')) details.open = true;
        });
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(
          grave.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.slice(0, 5).map(({ html }) => html) })),
        ).toEqual([]);
      }),
    LONG,
  );
});

it('follows the scheme of the system, charts too', () =>
  withPage({ colorScheme: 'dark' }, async (page) => {
    const picture = () => page.locator('canvas').evaluate((element) => (element as HTMLCanvasElement).toDataURL());
    expect(await background(page)).toBe('rgb(15, 19, 24)');
    const dark = await picture();
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background(page)).toBe('rgb(255, 255, 255)');
    await expect.poll(picture, { timeout: 10_000 }).not.toBe(dark);
  }));

describe('on a narrow page', () => {
  it('nothing but tables is wider than the page, and no row is high for what is out of sight', () =>
    withPage(NARROW, async (page) => {
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      const high = await page.evaluate(() =>
        [...document.querySelectorAll('tr')]
          .map((row) => ({ height: row.getBoundingClientRect().height, text: row.innerText.slice(0, 80) }))
          .filter(({ height }) => height > 150),
      );
      expect(high).toEqual([]);
    }));
});

describe('on paper', () => {
  it('shows all of it: charts as drawings, details open, no table cut off, and then is as it was', () =>
    withPage({ viewport: { width: 1032, height: 720 }, colorScheme: 'dark' }, async (page) => {
      await page.goto(`${site.url}#t=9.0-10.0`);
      const open = () => page.locator('details[open]').count();
      const before = await open();
      // A4 across, less the margins.
      await page.emulateMedia({ media: 'print' });
      await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
      await look(page, 'print');
      expect(await background(page)).toBe('rgb(255, 255, 255)');
      expect(await page.locator('details:not([open])').count()).toBe(0);
      expect(await page.locator('nav, .stage, .tools, .filter').locator('visible=true').count()).toBe(0);
      expect(await page.locator('#timeline svg.wide').isVisible()).toBe(true);
      expect(await page.locator('svg[data-axis] .stretched').count()).toBe(0);
      const cut = await page.evaluate(() =>
        [...document.querySelectorAll('table, pre, figure, dl, p')]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
          .map((element) => element.textContent?.slice(0, 60)),
      );
      expect(cut).toEqual([]);
      await page.evaluate(() => dispatchEvent(new Event('afterprint')));
      expect(await open()).toBe(before);
      expect(await page.locator('svg[data-axis] .stretched').count()).toBeGreaterThan(0);
    }));

  it(
    'is a PDF of some pages',
    () =>
      withPage({}, async (page) => {
        const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
        if (LOOKS !== undefined) await writeFile(join(LOOKS, 'report.pdf'), pdf);
        const text = pdf.toString('latin1');
        expect(text.startsWith('%PDF-')).toBe(true);
        const pages = text.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
        expect(pages).toBeGreaterThan(3);
        expect(pages).toBeLessThan(70);
      }),
    LONG,
  );
});

it(
  'is reached with the Tab key in every part, and shows where the focus is',
  () =>
    withPage({}, async (page) => {
      const wanted = await page.evaluate(() => {
        const page = window as unknown as { reached: Map<Element, string> };
        page.reached = new Map();
        addEventListener('focusin', ({ target }) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(target as Element);
          page.reached.set(target as Element, `${outlineStyle} ${outlineWidth}`);
        });
        return document.querySelectorAll('a, button, input, select, summary, [tabindex]').length;
      });
      for (let presses = 0; presses < wanted + 5; presses++) await page.keyboard.press('Tab');
      const left = await page.evaluate(() => {
        const { reached } = window as unknown as { reached: Map<Element, string> };
        const all = [...document.querySelectorAll('a, button, input, select, summary, [tabindex]')];
        const shown = all.filter(
          (element) => element.checkVisibility({ visibilityProperty: true }) && !element.matches(':disabled'),
        );
        return {
          shown: shown.length,
          missed: shown.filter((element) => !reached.has(element)).map((element) => element.outerHTML.slice(0, 120)),
          unseen: [...reached]
            .filter(([, outline]) => !/^(solid|auto) [1-9]/.test(outline))
            .map(([element]) => element.outerHTML.slice(0, 120)),
        };
      });
      expect(left).toMatchObject({ missed: [], unseen: [] });
      expect(left.shown).toBeGreaterThan(30);
    }),
  LONG,
);
