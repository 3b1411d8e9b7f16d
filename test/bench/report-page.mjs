// Judges the record in DIR and writes its report.html there; prints what that took as JSON.
// Usage: node report-page.mjs DIR
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

const { judgeRecord, writeOutputs } = await import(new URL('../../dist/cli/results.js', import.meta.url).href);

const dir = String(process.argv[2]);
const began = performance.now();
const results = await judgeRecord(dir);
const judged = performance.now();
const { faults } = await writeOutputs(dir, results, { only: ['html'] });
const written = performance.now();
const { size } = await stat(join(dir, 'report.html'));
process.stdout.write(
  `${JSON.stringify({ judgeSeconds: (judged - began) / 1000, renderSeconds: (written - judged) / 1000, bytes: size, faults })}\n`,
);
