// Reads what the run came to. Outputs: run-dir, verdict, release, gate, half-way.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHalfWay, latestRun, resultsOf } from '../runs.mjs';
import { annotate, setOutputs } from './workflow.mjs';

const dir = latestRun(process.env.ZDD_ACTION_OUT);
if (dir !== null) {
  const wasKilled = !existsSync(join(dir, 'run.json'));
  const results = resultsOf(dir);
  const { verdict, release, gate } = results ?? { verdict: 'inconclusive' };
  setOutputs({ 'run-dir': dir, verdict, release, gate, 'half-way': isHalfWay(dir, results) });
  if (wasKilled) {
    annotate(
      'error',
      `the run was killed and proves nothing${isHalfWay(dir, results) ? '; its release was left half way' : ''}`,
    );
    addSummary(join(dir, 'summary.md'));
  }
}

/** The run itself adds its summary to the page of the job; a killed one could not. */
function addSummary(file) {
  const page = process.env.GITHUB_STEP_SUMMARY;
  if (page && existsSync(file)) appendFileSync(page, `${readFileSync(file, 'utf8')}\n`);
}
