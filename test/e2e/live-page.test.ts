import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultServer, startFaultServer } from '../apps/fault-client.ts';
import { openChromium } from '../browser/chromium.ts';
import { eventually, leftOver } from './processes.ts';
import { type Cli, type Workplace, workplace } from './run-cli.ts';
import { smallScenario } from './scenarios.ts';

let browser: Browser;
let server: FaultServer;
let place: Workplace;
beforeAll(async () => {
  browser = await openChromium();
}, 120_000);
afterAll(() => browser?.close());
beforeEach(async () => {
  server = await startFaultServer({ version: 'v1' });
  place = workplace();
});
afterEach(async () => {
  await server.stop();
  expect(await place.leave()).toEqual([]);
});

/** A run whose switch waits until `go` is there, and the address of its page. */
async function startRun(): Promise<{ cli: Cli; url: string }> {
  const steps = [{ name: 'switch', run: 'touch began; until [ -e go ]; do sleep 0.05; done' }];
  const cli = place.start(['run', '--ui', place.scenario(smallScenario({ url: server.url, steps }))]);
  const url = await eventually(
    'its address is told',
    () => /live page {2}(http\S+)/.exec(cli.stderrSoFar())?.[1] ?? null,
  );
  await eventually('the step is under way', () => (existsSync(join(place.folder, 'began')) ? true : null));
  return { cli, url };
}

function statusOf(url: string, options: { method?: string; host?: string } = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = options.host === undefined ? {} : { host: options.host };
    const asked = request(url, { method: options.method ?? 'GET', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

const pageAt = async (page: Page): Promise<number> => Number(await page.locator('#follow').getAttribute('data-at'));

describe('the page of a run under way', () => {
  it('follows the run, keeps what the reader has opened, and becomes the report', async () => {
    const { cli, url } = await startRun();
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      // The stream ends with the run.
      if (message.type() === 'error' && !message.text().includes('net::')) complaints.push(message.text());
    });
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: 'Under way' }).waitFor();
    await page.locator('#follow-where', { hasText: 'switch' }).waitFor();
    await page.locator('#follow-counts', { hasText: /requests at .* failed 0, unsent 0/ }).waitFor();
    const before = await pageAt(page);
    await page.getByText('The timeline as a table').click();
    await eventually('the page is renewed', async () => ((await pageAt(page)) > before ? true : null));
    await page.locator('#timeline details[open]').waitFor();
    place.touch('go');
    await page.locator('h1', { hasText: /^(Zero downtime|Inconclusive)$/ }).waitFor();
    expect(await page.locator('#follow').count()).toBe(0);
    const { runJson } = await cli.ended;
    expect(runJson).toMatchObject({ release: 'completed' });
    expect(complaints).toEqual([]);
    await page.close();
    await expect(statusOf(url)).rejects.toThrow();
  });

  it('says that users were failed as soon as that is known', async () => {
    const { cli, url } = await startRun();
    await server.fault({ fault: 'status', status: 503 });
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByRole('heading', { level: 1, name: 'Downtime so far' }).waitFor();
    place.touch('go');
    await page.getByRole('heading', { level: 1, name: 'Downtime', exact: true }).waitFor();
    expect((await cli.ended).runJson).toMatchObject({ verdict: 'downtime' });
    await page.close();
  });

  it('is for those who know its address, at this machine, to read', async () => {
    const { cli, url } = await startRun();
    const { origin } = new URL(url);
    expect(await statusOf(url)).toBe(200);
    expect(await statusOf(`${origin}/`)).toBe(404);
    expect(await statusOf(`${origin}/events`)).toBe(404);
    expect(await statusOf(url, { method: 'POST' })).toBe(405);
    expect(await statusOf(url, { host: 'shop.example' })).toBe(421);
    place.touch('go');
    await cli.ended;
  });

  it('is gone with a run that is killed', async () => {
    const { cli, url } = await startRun();
    cli.child.kill('SIGKILL');
    await cli.ended;
    await eventually('nothing is left', async () => ((await leftOver(place.mark)).length === 0 ? true : null));
    await expect(statusOf(url)).rejects.toThrow();
  });
});
