import { spawnSync } from 'node:child_process';
import type { Case } from './cases.ts';

/** What this machine lacks for a case, and the command that gets it; null where nothing is missing. */
export interface Missing {
  what: string;
  remedy: string;
}

export type Systems = ReadonlyMap<string, 'here' | 'missing'>;

/** Of these systems, all of which scripts/install-systems has to know: whether each is here. */
export function installedSystems(installer: string, names: readonly string[]): Systems {
  if (names.length === 0) return new Map();
  const { status, stdout, stderr } = spawnSync(installer, ['--list', '--only', names.join(',')], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${installer} --list failed: ${stderr}`);
  return systemsOf(stdout);
}

export function systemsOf(list: string): Systems {
  const rows = list.split('\n').map((line) => line.trim().split(/\s+/));
  return new Map(
    rows.flatMap(([name = '', state]) => (state === 'here' || state === 'missing' ? [[name, state]] : [])),
  );
}

export function missingFor(
  { needs, optIn, root }: Case,
  systems: Systems,
  isRoot: boolean,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Missing | null {
  if (optIn !== undefined && env[optIn.variable] !== '1') return { what: `${optIn.variable}=1`, remedy: optIn.remedy };
  const missing = needs.filter((name) => systems.get(name) !== 'here');
  if (missing.length > 0) {
    return { what: missing.join(', '), remedy: `scripts/install-systems --only ${missing.join(',')}` };
  }
  return root && !isRoot ? { what: 'root', remedy: 'run the corpus as root' } : null;
}
