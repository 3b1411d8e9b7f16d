import { resolve } from 'node:path';
import { type RemoteHost, type SshDestination, sshShell } from '../platform/ssh.js';
import { numberOf } from './leaves.js';
import type { Path, Report } from './problem.js';
import type { CheckedScenario } from './schema.js';
import { didYouMean, oneOf, show } from './suggest.js';

/** The hosts of a scenario, and the names that its file gives, also those with faults. */
export interface Hosts {
  all: ReadonlyMap<string, RemoteHost & { destination: string }>;
  known: readonly string[];
}

const MAX_HOSTS = 100;

/** Reads `hosts`; one with a fault is left out, and reported. */
export function readHosts(input: CheckedScenario['hosts'], dir: string, path: Path, report: Report): Hosts {
  const entries = Object.entries(input ?? {});
  if (input !== undefined && entries.length === 0) report(path, 'is empty: expected at least one host');
  if (entries.length > MAX_HOSTS) report(path, `has more than ${MAX_HOSTS} entries`);
  const all = new Map<string, RemoteHost & { destination: string }>();
  for (const [name, { ssh }] of entries) {
    const here = [...path, name];
    if (!/^[A-Za-z][\w.-]*$/.test(name)) {
      const message = `\`${name}\` does not do as a name: letters, digits, \`_\`, \`-\` and \`.\`, a letter first`;
      report(here, message, { part: 'key' });
    }
    const said = readDestination(ssh, dir);
    const at = typeof ssh === 'string' ? [...here, 'ssh'] : [...here, 'ssh', 'destination'];
    checkDestination(said.destination, at, report);
    all.set(name, { name, shell: sshShell(said), destination: said.destination });
  }
  return { all, known: entries.map(([name]) => name) };
}

function readDestination(ssh: NonNullable<CheckedScenario['hosts']>[string]['ssh'], dir: string): SshDestination {
  if (typeof ssh === 'string') return { destination: ssh, port: null, identity: null, options: [] };
  const { destination, port, identity, options = [] } = ssh;
  return {
    destination,
    port: port === undefined ? null : numberOf(port),
    identity: identity === undefined || /^[~%]/.test(identity) ? (identity ?? null) : resolve(dir, identity),
    options,
  };
}

/** A destination that begins with a dash would be read as an option, one with a space as two words of somebody's shell. */
function checkDestination(text: string, path: Path, report: Report): void {
  if (/^[^\s-]\S*$/.test(text)) return;
  const hint = /^ssh\s/.test(text)
    ? 'write the destination alone; port, identity and options have keys of their own'
    : null;
  report(path, `expected a destination such as \`deploy@10.0.1.10\`, got ${show(text)}`, { hint });
}

/** The host that `on` names; null for this machine, and, reported, where there is none of the name. */
export function hostNamed(
  name: string | undefined,
  { all, known }: Hosts,
  path: Path,
  report: Report,
): RemoteHost | null {
  if (name === undefined) return null;
  const host = all.get(name);
  if (host !== undefined) return { name: host.name, shell: host.shell };
  const meant = didYouMean(name, known);
  const hint = meant !== '' ? null : known.length === 0 ? 'declare it under `hosts:`' : `hosts are ${oneOf(known)}`;
  if (!known.includes(name)) report(path, `there is no host \`${name}\`${meant}`, { hint });
  return null;
}
