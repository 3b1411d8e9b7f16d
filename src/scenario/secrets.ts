import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../model/errors.js';

/** What became of looking for a secret. */
export type SecretLookup = { value: string } | { problem: string; missing: boolean };

const MIN_CHARS = 4;
const MAX_BYTES = 64 * 1024;

/** Names of all secrets that the strings of a tree ask for. */
export function secretNames(tree: unknown): string[] {
  const names = new Set<string>();
  for (const [, name] of JSON.stringify(tree ?? null).matchAll(/\$\{secret:([A-Za-z_][A-Za-z0-9_]*)\}/g)) {
    names.add(name as string);
  }
  return [...names];
}

/** Looks every secret up: the environment's NAME, else the content of the file that NAME_FILE names. */
export async function readSecrets(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Map<string, SecretLookup>> {
  const found = new Map<string, SecretLookup>();
  for (const name of names) found.set(name, await readSecret(name, env));
  return found;
}

async function readSecret(name: string, env: Readonly<Record<string, string | undefined>>): Promise<SecretLookup> {
  const direct = env[name];
  if (direct !== undefined && direct !== '') return checked(name, direct, name);
  const file = env[`${name}_FILE`];
  if (file === undefined || file === '') {
    const problem = `the secret has no value: neither ${name} nor ${name}_FILE is set in the environment`;
    return { problem, missing: true };
  }
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new Error('it is not a regular file');
    if (found.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return checked(name, (await readFile(file, 'utf8')).replace(/(?:\r?\n)+$/, ''), `${name}_FILE`);
  } catch (error) {
    return { problem: `${name}_FILE names a file that cannot be read: ${messageOf(error)}`, missing: true };
  }
}

function checked(name: string, value: string, from: string): SecretLookup {
  if (value.length >= MIN_CHARS) return { value };
  const problem = `the secret ${name} (from ${from}) is too short to redact safely: at least ${MIN_CHARS} characters are needed`;
  return { problem, missing: false };
}
