import { execa } from 'execa';

const LIMIT_MS = 2000;

/** The commit that the repository around a folder is at; null where there is none, no git, or no answer in time. */
export async function headCommit(dir: string): Promise<string | null> {
  const result = await execa('git', ['-C', dir, 'rev-parse', '--verify', 'HEAD'], {
    timeout: LIMIT_MS,
    reject: false,
    stdin: 'ignore',
    cleanup: false,
    env: { GIT_OPTIONAL_LOCKS: '0' },
  }).catch(() => null);
  const text = typeof result?.stdout === 'string' ? result.stdout.trim() : '';
  return result?.exitCode === 0 && /^[0-9a-f]{40,64}$/.test(text) ? text : null;
}
