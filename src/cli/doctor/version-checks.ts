import { quickLook } from '../../platform/quick-look.js';
import { type Check, fine, note, warn } from './check.js';

/** What is known of a program that decides whether a release loses requests. */
interface Advice {
  /** How the version is asked for; null where it does not matter. */
  ask: ((file: string) => [string, ...string[]]) | null;
  /** `isCaution`: nothing is wrong with this version, but a release has to heed it. */
  say(version: string): { text: string; fix: string | null; isCaution?: true };
}

const ADVICE: Readonly<Record<string, Advice>> = {
  nginx: {
    ask: (file) => [file, '-v'],
    say: (version) =>
      isBefore(version, [1, 27, 4])
        ? {
            text: 'before 1.27.4 a reload closes idle connections without notice',
            fix: 'A request that is just on its way is lost with one. nginx 1.27.4 with `keepalive_min_timeout`, or `client: browser` for browsers, which send a GET again.',
          }
        : { text: 'idle connections outlive a reload with `keepalive_min_timeout`', fix: null },
  },
  haproxy: {
    ask: (file) => [file, '-v'],
    say: () => ({
      text: 'a reload closes idle connections unless `option idle-close-on-response` is set',
      fix: null,
      isCaution: true,
    }),
  },
  gunicorn: {
    ask: (file) => [file, '--version'],
    say: (version) =>
      isBefore(version, [20, 2, 0])
        ? {
            text: 'before 20.2 gthread workers reset idle keep-alive connections at every HUP',
            fix: 'Only where the worker class is gthread (`--threads`): use sync workers or `keepalive = 0`, or a newer gunicorn.',
          }
        : { text: 'HUP lets workers finish', fix: null },
  },
  node: {
    ask: (file) => [file, '--version'],
    say: (version) =>
      isBefore(version, [19, 0, 0])
        ? { text: 'where the app runs on this Node, `server.close()` leaves idle connections open', fix: null }
        : {
            text: 'where the app runs on this Node, `server.close()` also closes idle connections: announce `Connection: close` before it, or a client that just uses one again is reset',
            fix: null,
            isCaution: true,
          },
  },
  // Asking PM2 starts its daemon.
  pm2: {
    ask: null,
    say: () => ({
      text: '`pm2 reload` exits with 0 also where the new workers died: ask `pm2 jlist`',
      fix: null,
      isCaution: true,
    }),
  },
};

/** What is worth knowing of the versions found; `modules` are those that a Python runs. */
export async function checkVersions(
  found: ReadonlyMap<string, string>,
  modules: ReadonlyMap<string, string>,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [program, advice] of Object.entries(ADVICE)) {
    const file = found.get(program);
    const python = modules.get(program);
    if (file === undefined && python === undefined) continue;
    const name = `version ${program}`;
    if (advice.ask === null) {
      checks.push(note(name, advice.say('').text));
      continue;
    }
    const argv: [string, ...string[]] =
      file === undefined ? [python as string, '-m', program, '--version'] : advice.ask(file);
    const looked = await quickLook(argv, { path: process.env.PATH ?? '' });
    const version = /\d+(?:\.\d+)+/.exec(looked?.output ?? '')?.[0];
    if (version === undefined) continue;
    const { text, fix, isCaution = false } = advice.say(version);
    const said = `${version}: ${text}`;
    checks.push(fix !== null ? warn(name, said, fix) : isCaution ? note(name, said) : fine(name, said));
  }
  return checks;
}

function isBefore(version: string, limit: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, bound] of limit.entries()) {
    const part = parts[index] ?? 0;
    if (part !== bound) return part < bound;
  }
  return false;
}
