import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPostgres } from '../../../src/platform/postgres-server.js';
import { MAJORS, type Major, readCases } from './cases.ts';
import { readLabels } from './labels.ts';
import { POSTGRES_15, programsOf } from './programs.ts';
import { runTool } from './run-tool.ts';
import { confusionOf, missesOf, type Scored, tableOf, WAYS, type Way } from './score.ts';

const TIMEOUT_MS = 1_800_000;

/** The least that is caught and the most that is flagged, a little worse than what was reached. */
const AS_GOOD_AS: [Way, number, number][] = [
  ['check', 0.68, 0.12],
  ['check with schema', 0.78, 0.11],
];

const labels = readLabels();
const cases = readCases();
/** Each on one version, by turns; with ZDD_COLLECTION=whole on all of them (`npm run migrations:score`). */
const isWhole = process.env.ZDD_COLLECTION === 'whole';
const casesOf = (major: Major) =>
  isWhole ? cases : cases.filter((_, index) => MAJORS[index % MAJORS.length] === major);

describe.skipIf(!existsSync(join(POSTGRES_15, 'postgres')))('over the collection of migrations', () => {
  const scored: Scored[] = [];

  it('each is checked and traced', { timeout: TIMEOUT_MS }, async () => {
    await Promise.all(MAJORS.map(runAll));
    expect(scored).toHaveLength(isWhole ? MAJORS.length * cases.length : cases.length);
  });

  it('check and trace together catch 95 % of the unsafe and flag 3 % of the safe at most', () => {
    process.stdout.write(`${tableOf(scored)}\n${WAYS.map(missesTold).join('')}`);
    const { unsafe, caught, safe, falselyFlagged } = confusionOf(scored, 'check + trace');
    expect(caught / unsafe).toBeGreaterThanOrEqual(0.95);
    expect(falselyFlagged / safe).toBeLessThanOrEqual(0.03);
  });

  it.each(AS_GOOD_AS)('%s is as good as it was', (way, leastCaught, mostFlagged) => {
    const { unsafe, caught, safe, falselyFlagged } = confusionOf(scored, way);
    expect(caught / unsafe).toBeGreaterThanOrEqual(leastCaught);
    expect(falselyFlagged / safe).toBeLessThanOrEqual(mostFlagged);
  });

  async function runAll(major: Major): Promise<void> {
    const server = await startPostgres({ bin: await programsOf(major) });
    try {
      for (const one of casesOf(major))
        scored.push(await runTool(server, major, one, labels.cases[one.name]![major].unsafe));
    } finally {
      await server.stop();
    }
  }

  // Those held out stay unread by whoever writes the rules.
  function missesTold(way: Way): string {
    return missesOf(scored, way)
      .filter(({ holdout }) => !holdout)
      .map(({ name, major, unsafe, said }) => {
        const what = `${way}: ${name} on ${major} ${unsafe ? 'is unsafe and passed' : 'is safe and flagged'}\n`;
        return way === 'check + trace' ? `${what}${said[way].map((each) => `    ${each}\n`).join('')}` : what;
      })
      .sort()
      .join('');
  }
});
