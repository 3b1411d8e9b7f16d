import type { StepText } from './strategy.js';

/**
 * A script of the strategy's own and the part of the environment that it speaks of. Values reach it that way alone:
 * nothing that the user has given is ever part of shell code. The title is its first line.
 */
export function shell(
  values: Record<string, string>,
  title: string,
  ...parts: string[]
): Pick<StepText, 'run' | 'env'> {
  const body = parts.filter((part) => part !== '').join('\n');
  const run = `# ${title}\n${/\bfail "/.test(body) ? `${FAIL}\n` : ''}${body}\n`;
  const spoken = Object.entries(values).filter(([name]) => new RegExp(`\\$\\{?${name}\\b`).test(run));
  return { run, env: Object.fromEntries(spoken) };
}

const FAIL = 'fail() { echo "$*" >&2; exit 1; }';

/** nginx as the user calls it. */
export const NGINX = `nginx_() { eval "$NGINX" '"$@"'; }`;

/** For the user's script that brings the old release back. */
export const OLD_RELEASE = `RELEASE=\${ZDD_BASELINE_VERSION:?the baseline told no version}
export RELEASE`;
