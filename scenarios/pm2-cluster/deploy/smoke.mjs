import { setTimeout as delay } from 'node:timers/promises';
import { origin } from './layout.mjs';

/** Waits until the app says it is healthy. */
export async function healthy(withinMs) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const problem = await get('/healthz').then(
      ({ status }) => (status === 200 ? null : `status ${status}`),
      (error) => error.cause?.code ?? error.message,
    );
    if (problem === null) return;
    if (performance.now() > deadline) throw new Error(`${origin()}/healthz: ${problem}`);
    await delay(100);
  }
}

/** Walks through the shop once for each worker and more; `expected` is a version, or a /pattern/ of versions. */
export async function smoke(expected) {
  const pattern = /^\/(.*)\/$/.exec(expected);
  const matches = (version) => (pattern ? new RegExp(pattern[1]).test(version) : version === expected);
  for (let round = 0; round < 6; round += 1) {
    for (const path of ['/', '/api/items', '/healthz']) {
      const { status, version } = await get(path);
      if (status !== 200) throw new Error(`GET ${path}: status ${status}`);
      if (!matches(version)) throw new Error(`GET ${path}: served by ${version}, expected ${expected}`);
    }
  }
}

async function get(path) {
  const response = await fetch(`${origin()}${path}`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(5_000),
  });
  await response.arrayBuffer();
  return { status: response.status, version: response.headers.get('x-release') };
}
