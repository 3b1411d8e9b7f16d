/** Every error a user can meet has a code of this list; `zdd-verify explain CODE` prints the text. */
export const ERROR_CODES = {
  USAGE: 'The command line is not understood. Nothing was run.',
  SCENARIO_UNREADABLE: 'The scenario file cannot be read. Nothing was run.',
  SCENARIO_INVALID: 'The scenario does not follow the schema (`zdd-verify schema`). Nothing was run.',
  VARIABLE_MISSING: 'A variable or secret the scenario requires has no value. Nothing was run.',
  NOT_SUPPORTED: 'The scenario or command asks for a part that this version does not have yet. Nothing was run.',
  SHARD_REFUSED:
    'A shard could not join its run, or records are not the shards of one run. All of them send one schedule, or none does.',
  TARGET_LOCKED: 'Another run drives traffic at the same target. Two runs at once would judge each other.',
  WRITES_NOT_ALLOWED:
    'A flow writes to a target that is neither loopback nor private; `target.allowWrites: true` permits it.',
  OUTPUT_UNWRITABLE: 'The run directory cannot be written. Without a record there is no verdict.',
  RECORD_UNREADABLE: 'The run directory holds no readable record.',
  PROGRAM_MISSING: 'A program that is needed is not installed.',
  NO_RUN: 'There is no run under way to mark or to stop.',
  HAPROXY_UNREACHABLE: "HAProxy's runtime API does not answer at the place named. Nothing was changed.",
  HAPROXY_REFUSED: 'HAProxy does not do what it was asked, or it would have been a mistake.',
  MIGRATION_UNREADABLE: 'A file with SQL cannot be read, or is none. Nothing was checked.',
  HARNESS_FAULT: 'zdd-verify itself failed; the run proves nothing.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An expected failure, for people: what happened, and what to do about it. */
export class ZddError extends Error {
  override readonly name = 'ZddError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
