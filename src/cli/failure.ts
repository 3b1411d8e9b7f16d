import { messageOf, ZddError } from '../model/errors.js';
import { EXIT, type ExitCode } from '../model/exit-codes.js';
import type { Style } from './terminal/style.js';
import { plainText } from './terminal/text.js';

/** The exit code of something that was thrown before or beside a run. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof ZddError && error.code !== 'HARNESS_FAULT' ? EXIT.USAGE : EXIT.FAULT;
}

/** What a person reads of an error: code, message, what to do. The stack only with `debug`. */
export function explainFailure(error: unknown, options: { style: Style; debug: boolean }): string {
  const { style, debug } = options;
  const code = error instanceof ZddError ? error.code : 'HARNESS_FAULT';
  const lines = [`${style.red('error')} ${style.bold(code)}: ${safe(messageOf(error))}`];
  if (error instanceof ZddError && error.hint !== undefined) lines.push(`  ${safe(error.hint)}`);
  if (exitCodeOf(error) === EXIT.FAULT) {
    lines.push('  This is a fault in zdd-verify, not in the release. ZDD_DEBUG=1 shows where it happened.');
  }
  lines.push(style.dim(`  zdd-verify explain ${code}`));
  if (debug) lines.push(...stacksOf(error));
  return `${lines.join('\n')}\n`;
}

/** Keeps the lines of a message (a scenario's errors come one a line) and nothing else that moves a cursor. */
function safe(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

/** The stacks of an error and of what caused it. */
function stacksOf(error: unknown): string[] {
  const stacks: string[] = [];
  for (let each = error; each instanceof Error && stacks.length < 10; each = each.cause) {
    stacks.push(each.stack ?? messageOf(each));
  }
  return stacks;
}
