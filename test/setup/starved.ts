import { afterEach, beforeEach } from 'vitest';
import { createCpuWatch } from '../../src/platform/machine-cpu.js';
import { forgetStarvedRuns, starvedRuns } from './starved-runs.ts';

/** From this share of the machine's CPU time on, what the hypervisor takes is felt by tests in which time passes. */
const STOLEN = 0.03;
/** The beginning of the last error of such a test: `vitest.config.ts` runs it again. */
const STARVED = 'the machine starved this test';

const cpu = createCpuWatch(() => performance.now());

// A test that fails while the machine stands still says nothing about the product, as a run does; it is made again.
beforeEach(async () => {
  forgetStarvedRuns();
  await cpu();
});

afterEach(async ({ task }) => {
  const { steal } = await cpu();
  if (task.result?.state !== 'fail') return;
  if (starvedRuns() > 0) throw new Error(`${STARVED}: ${starvedRuns()} of its runs said so`);
  if ((steal ?? 0) >= STOLEN) {
    throw new Error(`${STARVED}: the hypervisor took ${Math.round((steal ?? 0) * 100)} % of the CPU time meanwhile`);
  }
});
