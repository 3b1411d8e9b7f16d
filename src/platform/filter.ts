import { execa } from 'execa';

const FORCE_AFTER_MS = 500;

export interface FilterOptions {
  /** What the program reads from its standard input. */
  input: string;
  cwd: string;
  timeoutMs: number;
  maxBytes: number;
  signal?: AbortSignal | undefined;
}

/** How a program ended that reads text and writes text; `fault` where it could not be started or did not end by itself. */
export type Filtered = { exitCode: number; output: string; errors: string } | { fault: string };

/** Runs a program that turns its standard input into its standard output. It sees nothing of the environment. */
export async function filterThrough(
  argv: readonly [string, ...string[]],
  { input, cwd, timeoutMs, maxBytes, signal }: FilterOptions,
): Promise<Filtered> {
  const [file, ...args] = argv;
  try {
    const result = await execa(file, args, {
      input,
      cwd,
      env: {},
      extendEnv: false,
      cleanup: true,
      reject: false,
      stripFinalNewline: false,
      timeout: timeoutMs,
      forceKillAfterDelay: FORCE_AFTER_MS,
      maxBuffer: maxBytes,
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    if (result.exitCode === undefined || result.isMaxBuffer || result.timedOut) {
      return { fault: result.originalMessage ?? result.shortMessage ?? 'it did not end by itself' };
    }
    return { exitCode: result.exitCode, output: result.stdout, errors: result.stderr };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}
