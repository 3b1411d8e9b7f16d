import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest: begun first, so that no worker is left alone with one of them at the end. */
const LONGEST =
  /(score|trace\/trace|appearance|detached|bad-input|wrap|steps|corpus|registry|interruption|release-parts|remote-command|sse)\.test\.ts$/;
/** What is measured here would be wrong with a neighbour on the same core. */
const ALONE = ['calibrate', 'exactness', 'fault-table', 'probes', 'starvation'].join('|');

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => LONGEST.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * Projects on at most two workers. `unit` comes first; `e2e` drives real traffic at real servers, two files side by side;
 * `alone` is those of them that measure exactly, one file after the other. `systems` releases real systems by each
 * strategy, for minutes: `npm run systems`. `cluster` needs one: `npm run cluster` starts it.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // No `exclude` in any of them: it would take the place of the one on the command line.
          include: ['test/*.test.ts', 'test/!(e2e|cluster)/**/*.test.ts'],
          testTimeout: 15_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: [`test/e2e/!(strategies|${ALONE}).test.ts`],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          // Runs wait more than they work.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: [`test/e2e/@(${ALONE}).test.ts`],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'systems',
          include: ['test/e2e/strategies.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/cluster/*.test.ts'],
          fileParallelism: false,
          testTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
    pool: 'forks',
    // It imports JSON without saying so, which Node refuses and Vite reads.
    server: { deps: { inline: ['@actions/workflow-parser'] } },
    sequence: { sequencer: LongestFirst },
    globalSetup: ['test/setup/build.ts'],
    // What fails while the machine starves it is made again; whatever else fails has failed.
    setupFiles: ['test/setup/starved.ts'],
    retry: { count: 4, condition: /^the machine starved this test/ },
    passWithNoTests: false,
  },
});
