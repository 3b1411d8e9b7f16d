import type { ReadSource, Remark } from './walk.js';

/** What is found while a file is read, before any rule is asked. */
export const READING_RULES = {
  'syntax-error': {
    claim: 'The statement is no SQL that PostgreSQL understands.',
    because: 'The migration fails there, and what stands before it may stay behind.',
    remedy:
      'Correct the statement. Variables of psql or of a template have to be filled in before the file is checked.',
  },
  'psql-command': {
    claim: 'A command of psql is no SQL and was not read.',
    because: 'What it includes, sets or runs is not seen by the check.',
    remedy: 'Check the files that it includes by themselves.',
  },
} as const;

/** psql commands that run SQL which stands elsewhere, or which queries put together. */
const RUNS_MORE = /^\\(?:i|ir|include|include_relative|gexec|!|copy)$/;
/** A file of another kind has an error in every line; the first ones say so. */
const MAX_FAULTS = 20;

export function readingRemarks({ source, faults }: ReadSource): Remark[] {
  const errors = faults.slice(0, MAX_FAULTS).map(({ message, at, span }): Remark => {
    const token = /^(?:\w+|\S)/.exec(source.text.slice(at))?.[0] ?? '';
    const end = Math.max(at, Math.min(at + token.length, Math.max(span.end, at)));
    return {
      source,
      span: { start: at, end },
      rule: 'syntax-error',
      severity: 'error',
      message: `PostgreSQL does not understand this: ${message}.`,
      remedy: READING_RULES['syntax-error'].remedy,
    };
  });
  const commands = source.scan.commands.map(({ start, end, name }): Remark => {
    const runs = RUNS_MORE.test(name);
    return {
      source,
      span: { start, end },
      rule: 'psql-command',
      severity: runs ? 'warning' : 'note',
      message: runs
        ? `${name} runs something that stands elsewhere, and that was not checked.`
        : `${name} is a command of psql; it was left out.`,
      remedy: READING_RULES['psql-command'].remedy,
    };
  });
  return [...errors, ...commands];
}
