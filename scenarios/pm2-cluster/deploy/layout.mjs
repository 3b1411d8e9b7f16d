// Where everything lives. All of it is under ROOT, so that two runs side by side share nothing but the machine.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const here = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
export const root = path.resolve(required('ROOT'));
export const mistake = oneOf('BREAK', [
  'none',
  'restart',
  'fork',
  'slow-boot',
  'no-drain',
  'sync-exit',
  'drop-column',
  'slow-lock',
  'no-op',
  'bad-release',
]);

export const current = path.join(root, 'current');
export const sharedAssets = path.join(root, 'shared', 'assets');
export const pm2Home = path.join(root, 'pm2');
// Short, because the socket of the database lies here and the system limits socket paths to about 100 bytes.
export const postgresDir = path.join(root, 'postgres');

export function releaseDir(version) {
  return path.join(root, 'releases', version);
}

export function origin() {
  return `http://127.0.0.1:${required('PORT')}`;
}

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

function oneOf(name, allowed) {
  const value = process.env[name] || allowed[0];
  if (!allowed.includes(value)) throw new Error(`${name}=${value}: expected one of ${allowed.join(', ')}`);
  return value;
}
