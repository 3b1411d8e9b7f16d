import { defineConfig } from 'vitest/config';

/**
 * Three projects on at most two workers. `unit` runs side by side; `e2e` drives real traffic at real servers, where a
 * neighbour on the same core would be measured too: one file after the other, once the unit tests are done. `systems`
 * releases real systems by each strategy, for minutes: `npm run systems`.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          // No `exclude` in any of them: it would take the place of the one on the command line.
          include: ['test/*.test.ts', 'test/!(e2e)/**/*.test.ts'],
          testTimeout: 15_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/!(strategies).test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
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
          sequence: { groupOrder: 2 },
        },
      },
    ],
    pool: 'forks',
    globalSetup: ['test/setup/build.ts'],
    passWithNoTests: false,
  },
});
