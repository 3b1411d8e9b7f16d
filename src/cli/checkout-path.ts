import { relative, resolve, sep } from 'node:path';

/**
 * A file as GitHub looks for it when it is named in an annotation: by its path from the top of the checkout, wherever the
 * command was run. One outside of the checkout keeps its name.
 */
export function checkoutPath(file: string, { GITHUB_WORKSPACE: top }: NodeJS.ProcessEnv): string {
  if (top === undefined || top === '') return file;
  const path = relative(top, resolve(file));
  return path === '' || path === '..' || path.startsWith(`..${sep}`) ? file : path;
}
