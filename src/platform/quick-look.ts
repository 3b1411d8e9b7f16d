import { execa } from 'execa';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 100_000;

/** What a program says that is asked for its version or the like; null where it cannot be started or does not end. */
export async function quickLook(
  argv: readonly [string, ...string[]],
  { path }: { path: string },
): Promise<{ exitCode: number; output: string } | null> {
  const [file, ...args] = argv;
  const result = await execa(file, args, {
    env: { PATH: path },
    stdin: 'ignore',
    cleanup: false,
    all: true,
    reject: false,
    timeout: TIMEOUT_MS,
    forceKillAfterDelay: 500,
    maxBuffer: MAX_BYTES,
  }).catch(() => null);
  if (result?.exitCode === undefined) return null;
  return { exitCode: result.exitCode, output: String(result.all ?? '') };
}
