// Sums vitest's JSON results of a folder into the closing line. Tests that failed to load count as failed, and so
// does each stage that failed without a failed test: the line never says less than the exit code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '', failedStages = '0'] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of readdirSync(folder)) {
  const result = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  failed += result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
}
if (failed === 0) failed = Number(failedStages);
if (passed === 0) failed = Math.max(1, failed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && failedStages === '0' ? 0 : 1;
