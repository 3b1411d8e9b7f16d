import { cpus, hostname, platform, release, totalmem } from 'node:os';

/** The machine a run was made on, for the report: what can change a result, nothing that names a person. */
export function describeEnvironment(env: NodeJS.ProcessEnv): Record<string, string | number | boolean | null> {
  return {
    node: process.version,
    platform: `${platform()} ${release()}`,
    arch: process.arch,
    host: hostname(),
    cpus: cpus().length,
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    ci: env.CI !== undefined && env.CI !== '' && env.CI !== 'false',
    gitCommit: env.GITHUB_SHA ?? env.CI_COMMIT_SHA ?? env.GIT_COMMIT ?? null,
  };
}
