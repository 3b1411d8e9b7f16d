import type { Complain } from './strategy.js';

/** HAProxy's runtime API, for the scripts: `haproxy drain "$BACKEND/web1" --within 30s`. */
export const HAPROXY = `haproxy() { zdd-verify haproxy --socket "$SOCKET" "$@"; }`;

export function runtimeEnv({ socket, backend }: { socket: string; backend: string }): Record<string, string> {
  return { SOCKET: socket, BACKEND: backend };
}

export function runtimeWatcher({ socket, backend }: { socket: string; backend: string }): Record<string, unknown> {
  return { haproxy: socket, backends: [backend] };
}

/** Names of servers become those of steps. */
export function checkServers(
  servers: Record<string, string>,
  count: { min: number; max: number },
  complain: Complain,
): void {
  const names = Object.keys(servers);
  for (const name of names) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) {
      complain('servers', `\`${name}\` does not do as the name of a server: letters, digits, \`.\`, \`_\`, \`-\``);
    }
  }
  if (names.length < count.min)
    complain(
      'servers',
      `expected ${count.min === count.max ? '' : 'at least '}${count.min} servers, got ${names.length}`,
    );
  if (names.length > count.max) complain('servers', `expected at most ${count.max} servers, got ${names.length}`);
}
