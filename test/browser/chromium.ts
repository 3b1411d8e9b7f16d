import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** `ZDD_CHROMIUM`, or where it usually is. A report that no browser has opened is not tested: without one, an error. */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env): string {
  const places = env.ZDD_CHROMIUM === undefined ? PLACES : [env.ZDD_CHROMIUM];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    `no Chromium at ${places.join(', ')}: run scripts/install-systems --only chromium, or name one in ZDD_CHROMIUM`,
  );
}

/** One browser, without a window, that asks nobody for anything by itself. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
      ...['--no-first-run', '--disable-dev-shm-usage'],
    ],
    timeout: 60_000,
  });
}
