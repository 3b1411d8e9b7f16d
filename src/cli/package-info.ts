import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The version of this package. */
export function toolVersion(): string {
  return (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
}

/** The folder this package is installed in, with a slash at the end. */
export function packageDir(): string {
  return fileURLToPath(new URL('../../', import.meta.url));
}
