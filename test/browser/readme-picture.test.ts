import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { openChromium } from './chromium.js';

const ROOT = new URL('../../', import.meta.url);
const PICTURE = fileURLToPath(new URL('docs/report.jpg', ROOT));
const MOST_BYTES = 200_000;

it('README shows the sample report as it is, in a picture that is soon loaded (renewed with ZDD_UPDATE_SAMPLE=1)', async () => {
  const browser = await openChromium();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 1370 }, colorScheme: 'light' });
    await page.goto(pathToFileURL(fileURLToPath(new URL('reports/sample/report.html', ROOT))).href);
    await page.locator('#timeline-figure.live').waitFor();
    if (process.env.ZDD_UPDATE_SAMPLE === '1') await page.screenshot({ path: PICTURE, type: 'jpeg', quality: 80 });
    const [headline = ''] = await page.locator('.headline').allInnerTexts();
    const [failed] = headline.split(',');
    expect(failed).toMatch(/^\d+ of \d+ requests failed$/);
    expect(await readFile(new URL('README.md', ROOT), 'utf8')).toContain(
      `![The report of a release that went wrong: ${failed}`,
    );
    expect((await stat(PICTURE)).size).toBeLessThan(MOST_BYTES);
  } finally {
    await browser.close();
  }
}, 60_000);
