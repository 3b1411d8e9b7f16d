import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Pipeline } from '../conductor/follow-pipeline.js';
import { writeEnded, writeStarted } from '../conductor/started-run.js';
import { messageOf, ZddError } from '../model/errors.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import { createRedactor } from '../scenario/redact.js';
import { execute } from './execute.js';
import { pipelineScenario } from './pipeline-scenario.js';
import type { FromRecorder, RecorderOrder, ToRecorder } from './recorder-order.js';

// Entry point of the process that `start --detach` leaves behind. Until it is told to go on, the end of the connection
// is the death of whoever started it, and ends it too.
let alone = false;
let goOn: () => void = () => {};
process.on('disconnect', () => {
  if (!alone) process.kill(process.pid, 'SIGTERM');
});
process.on('message', (message: ToRecorder) => {
  if (message.type === 'record') void record(message.order);
  else {
    alone = true;
    goOn();
  }
});

const host: Pipeline = {
  get alone() {
    return alone;
  },
  baselineHolds: async () => {
    const told = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await tell({ type: 'baseline-holds' });
    await told;
    // The page and the log of the job belong to the step that began this: it is over.
    for (const name of ['GITHUB_ACTIONS', 'GITHUB_STEP_SUMMARY']) delete process.env[name];
    if (process.connected) process.disconnect();
  },
};

await tell({ type: 'loaded' });

async function record(order: RecorderOrder): Promise<void> {
  const dir = join(order.out, order.runId);
  try {
    const { scenario } = await pipelineScenario(order);
    await writeStarted(dir, createRedactor(scenario.secrets)(scenario.target.url));
    const settings = { out: order.out, json: false, quiet: order.quiet, base: order.base };
    const { exitCode } = await execute(scenario, { ...settings, pipeline: { runId: order.runId, host } });
    await writeEnded(dir, exitCode);
    process.exitCode = exitCode;
    alone = true;
    await tell({ type: 'ended', exitCode });
  } catch (error) {
    process.exitCode = 1;
    alone = true;
    process.stderr.write(`zdd-verify itself: ${messageOf(error)}\n`);
    if (!existsSync(join(dir, JOURNAL_FILE))) await tell(refusal(error));
  }
  if (process.connected) process.disconnect();
}

function refusal(error: unknown): FromRecorder {
  const isExpected = error instanceof ZddError;
  const hint = isExpected ? (error.hint ?? null) : null;
  return { type: 'refused', code: isExpected ? error.code : null, message: messageOf(error), hint };
}

/** Resolves once it is under way, or cannot be said any more. */
function tell(message: FromRecorder): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send !== undefined) process.send(message, () => resolve());
    else resolve();
  });
}
