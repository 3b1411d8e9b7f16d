import type { RunContext } from '../conductor/context.js';
import { EXIT } from '../model/exit-codes.js';
import type { Terminal } from './terminal/terminal.js';
import { plainText } from './terminal/text.js';

/** First signal: stop, roll back, report. A second SIGINT leaves at once; the watchdog ends what is left. */
export function handleSignals(context: RunContext, terminal: Terminal): () => void {
  let interrupted = false;
  const on = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
    if (signal === 'SIGINT' && interrupted) {
      terminal.close();
      const { scenario, dir, redact, role } = context;
      const doing =
        role === 'emergency'
          ? 'its rollback goes on alone'
          : `it was left in the middle (${context.onStep ?? 'before the first step'})`;
      const lines = [`left at once: ${scenario.name}: ${doing}; the record is in ${dir}`];
      if (scenario.runbook !== null) lines.push(`runbook: ${scenario.runbook}`);
      process.stderr.write(`${lines.map((line) => plainText(redact(line))).join('\n')}\n`);
      process.exit(EXIT.SIGINT);
    }
    if (signal === 'SIGINT') interrupted = true;
    terminal.line(
      `${signal}: stopping the step, rolling back if the switch had begun, then the report${signal === 'SIGINT' ? ' (again to leave at once)' : ''}`,
    );
    context.halt.request({ cause: 'signal', detail: `${signal} received`, signal });
  };
  const handlers = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({ signal, handler: () => on(signal) }));
  for (const { signal, handler } of handlers) process.on(signal, handler);
  return () => {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  };
}
