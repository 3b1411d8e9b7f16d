// Sums vitest's JSON results of a folder into the closing line. Tests that failed to load count as failed, and so
// does each stage that failed without a failed test: the line never says less than the exit code. Every failed test is
// named once more above it, so that the end of a log is enough to know what failed and why.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';

const [folder = '', failedStages = '0'] = process.argv.slice(2);
let passed = 0;
let failed = 0;

// Of a message, what a reader needs first: the assertion, not the stack below it.
const shortened = (message) => message.split('\n').slice(0, 4).join('\n').slice(0, 400).replaceAll('\n', '\n    ');
for (const name of readdirSync(folder)) {
  const result = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  passed += result.numPassedTests;
  failed += result.numFailedTests;
  failed += result.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  ).length;
  for (const file of result.testResults) {
    const where = `${relative(process.cwd(), file.name)} (${basename(name, '.json')})`;
    const failures = file.assertionResults.filter(({ status }) => status === 'failed');
    if (file.status === 'failed' && failures.length === 0) {
      console.log(`FAILED ${where}\n    ${shortened(file.message ?? '')}`);
    }
    for (const each of failures) {
      console.log(`FAILED ${where}: ${each.fullName}\n    ${shortened((each.failureMessages ?? []).join('\n'))}`);
    }
  }
}
if (failed === 0) failed = Number(failedStages);
if (passed === 0) failed = Math.max(1, failed);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && failedStages === '0' ? 0 : 1;
