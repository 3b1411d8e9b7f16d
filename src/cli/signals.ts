import type { RunContext } from '../conductor/context.js';
import type { Pipeline } from '../conductor/follow-pipeline.js';
import { EXIT } from '../model/exit-codes.js';
import type { Terminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

/**
 * First signal: stop, roll back, report. A second SIGINT leaves at once; the watchdog ends what is left. Where the
 * release is a pipeline's, nothing of it is stopped or rolled back: the recording ends.
 */
export function handleSignals(
  context: RunContext,
  terminal: Terminal,
  { pipeline, undo }: { pipeline?: Pipeline | undefined; undo?: string | undefined } = {},
): () => void {
  let interrupted = false;
  const on = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
    if (signal === 'SIGINT' && interrupted) {
      terminal.close();
      const { scenario, dir, redact } = context;
      const lines = [
        `left at once: ${scenario.name}: ${standOf(context)}; the record is in ${dir}`,
        ...notRun(context, undo ?? dir),
      ];
      if (scenario.runbook !== null) lines.push(`runbook: ${scenario.runbook}`);
      process.stderr.write(`${lines.map((line) => plainText(redact(line))).join('\n')}\n`);
      process.exit(EXIT.SIGINT);
    }
    if (signal === 'SIGINT') interrupted = true;
    const doing = pipeline === undefined ? doingOf(context) : 'ending the recording';
    terminal.line(`${signal}: ${doing}, then the report${signal === 'SIGINT' ? ' (again to leave at once)' : ''}`);
    if (pipeline?.alone === true) {
      context.halt.request({
        cause: 'request',
        detail: `the recorder was ended by ${signal} before the recording was over`,
      });
    } else context.halt.request({ cause: 'signal', detail: `${signal} received`, signal });
  };
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({ signal, handler: () => on(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
}

/** How the release stands where it is left at once. */
function standOf({ onInterrupt, onStep, commandRuns, rollbackLeft, dir }: RunContext): string {
  if (onInterrupt === 'over') {
    const teardown = onStep === null ? '' : `${onStep} is ended, and the teardown is run without it; `;
    return `the release is over; ${teardown}only the report is missing, which \`zdd-verify report ${dir}\` writes`;
  }
  const place = onStep ?? (onInterrupt === 'nothing-begun' ? 'before the first step' : 'between two steps');
  if (rollbackLeft === null) return `it was left in the middle (${place})`;
  if (!commandRuns) return `its rollback was left in the middle (${place}), with no command under way`;
  return `the command of ${onStep} goes on alone, and what it writes from here on is not kept`;
}

/** Steps of the way back that nobody runs, and what runs them. */
function notRun({ onInterrupt, rollbackLeft, scenario: { file, rollback } }: RunContext, dir: string): string[] {
  const left = rollbackLeft ?? (onInterrupt === 'roll-back' ? rollback : []);
  if (left.length === 0) return [];
  const commands = left.flatMap(({ run }) => (run === null ? [] : [run].flat().join(' '))).join('; ');
  const how = file === null ? commands : `zdd-verify run ${file} --only rollback --resume ${dir}`;
  return [`not run of the rollback: ${left.map(({ name }) => name).join(', ')}; to run it: ${how}`];
}

/** What a first signal leads to, as the release stands. */
function doingOf({ onInterrupt, scenario: { file, steps, rollback } }: RunContext): string {
  if (onInterrupt === 'nothing-begun') return 'ending here, no step of the release has begun';
  if (onInterrupt === 'over') return 'the release is over, what is under way goes on to its end';
  if (onInterrupt === 'go-on') return 'what is under way goes on to its end, nothing else is begun';
  if (rollback.length === 0) {
    const run = file === null ? (steps[0]?.run ?? null) : null;
    const deploy = run === null ? 'the release' : [run].flat().join(' ');
    return `stopping the step; no rollback is defined: what ${plainText(deploy)} did stays, undo it by hand`;
  }
  if (onInterrupt === 'roll-back') return 'stopping the step, rolling back';
  return 'stopping the step, with nothing to roll back: no step that moves traffic has begun';
}
