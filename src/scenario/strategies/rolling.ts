import { gate } from './gate.js';
import { common, drain, drainTime, mapping, runtime, script, servers } from './options.js';
import { type Place, withPlace } from './place-pair.js';
import { logWatchers } from './release-link.js';
import { checkServers, HAPROXY, runtimeEnv, runtimeWatcher } from './runtime-api.js';
import { OLD_RELEASE, shell } from './shell.js';
import { type Expansion, type StepText, type Surroundings, strategy } from './strategy.js';

const options = mapping('`{ servers, update, release, socket, backend }`', {
  ...common,
  servers: servers(
    'The servers, in the order in which they are released, each with the URL at which it answers by itself.',
  ),
  update: script(
    'Brings the server named by `$SERVER` to `$RELEASE` and starts it; does nothing where it runs that already.',
  ),
  socket: runtime.socket.optional(),
  backend: runtime.backend.optional(),
  out: script(
    'Takes the server named by `$SERVER` out of rotation and waits until it is idle; in place of HAProxy.',
  ).optional(),
  in: script('Brings the server named by `$SERVER` back into rotation; in place of HAProxy.').optional(),
  drain,
}).meta({
  description: 'Server after server, the others carrying the traffic: out of rotation, update, gate, back in.',
});

type Options = Parameters<Parameters<typeof strategy<typeof options>>[0]['expand']>[0];

export const rolling = strategy({
  name: 'rolling',
  summary: 'server after server, at N-1: out of rotation, update, gate, back in',
  options,
  check: (given, complain) => {
    checkServers(given.servers, { min: 2, max: 50 }, complain);
    const byHaproxy = given.socket !== undefined || given.backend !== undefined;
    const byHand = given.out !== undefined || given.in !== undefined;
    if (byHaproxy === byHand) {
      complain(
        'servers',
        'expected either `socket` and `backend` (HAProxy), or `out` and `in`: how a server leaves rotation',
      );
    } else if (byHaproxy && (given.socket === undefined || given.backend === undefined)) {
      complain('servers', '`socket` and `backend` belong together');
    } else if (byHand && (given.out === undefined || given.in === undefined)) {
      complain('servers', '`out` and `in` belong together');
    }
  },
  expand: (given, around): Expansion => {
    const { build, migrate, release } = given;
    const env = { RELEASE: release };
    const places = Object.entries(given.servers).map(([server, url]): Place => ({ server, url }));
    return {
      steps: [
        ...(build === undefined ? [] : [{ name: 'build', kind: 'build' as const, run: build, env }]),
        ...(migrate === undefined ? [] : [{ name: 'migrate', kind: 'migrate' as const, run: migrate, env }]),
        ...places.flatMap((place) => roundOf(place, release, given, around)),
      ],
      // The one that was touched last may be the broken one.
      rollback: places.toReversed().flatMap((place) => roundOf(place, null, given, around)),
      watch: [...(isHaproxy(given) ? [runtimeWatcher(given)] : []), ...logWatchers(given.log)],
      thresholds: {},
    };
  },
  preset: {
    vars: {},
    options: `# HAProxy: \`stats socket ... level admin\`, and the servers in the backend, with \`check\`. Another proxy: \`out\` and \`in\`.
socket: /run/haproxy/admin.sock
backend: app
servers: { web1: "http://127.0.0.1:8001", web2: "http://127.0.0.1:8002" }
release: "\${RELEASE}"
build: ./deploy/build.sh
migrate: alembic upgrade head # expand only: both releases run on the new schema, side by side
update: ./deploy/update.sh # brings $SERVER to $RELEASE, and is done at once where it runs that already
drain: 30s # the longest request
ready: /healthz`,
  },
});

/** One server out, updated, asked, and in again; to the old release without one. */
function roundOf(place: Place, release: string | null, given: Options, around: Surroundings): StepText[] {
  const { server } = place;
  const { ready, hold } = given;
  const back = release === null;
  // On the way back, what hangs must not stop it: 97 says that the server is out of rotation and not idle.
  const drained = `haproxy drain "$BACKEND/$SERVER" --within "$DRAIN"${back ? ' || [ $? -eq 97 ]' : ''}`;
  const ways = isHaproxy(given)
    ? { out: `${HAPROXY}\n${drained}`, in: `${HAPROXY}\nhaproxy ready "$BACKEND/$SERVER" --within 30s` }
    : { out: '(eval "$OUT")', in: '(eval "$IN")' };
  const { text: limit, timeout } = drainTime(given);
  const api = isHaproxy(given) ? { ...runtimeEnv(given), DRAIN: limit } : {};
  const values = { ...api, OUT: given.out ?? '', IN: given.in ?? '', UPDATE: given.update };
  return [
    {
      name: back ? `${server} back` : server,
      kind: back ? 'rollback' : 'reload',
      ...withPlace(
        shell(
          values,
          back ? 'Back to the old release, where the server was touched.' : 'Out of rotation, idle, and updated.',
          back ? SKIP_UNTOUCHED : NOTE_TOUCHED,
          ways.out,
          back ? OLD_RELEASE : '',
          '(eval "$UPDATE")',
        ),
        place,
        release,
      ),
      ...(isHaproxy(given) ? { timeout } : {}),
      ready: gate({ ready, around, release, at: place.url, consecutive: 3 }),
      hold: '0s',
    },
    {
      name: back ? `${server} back in` : `${server} in`,
      kind: back ? 'rollback' : 'switch',
      ...withPlace(shell(values, 'Back into rotation once it is healthy.', ways.in), place, release),
      ...(hold === undefined ? {} : { hold }),
    },
  ];
}

/**
 * A release that fails half-way has touched some of the servers alone. The one it touched last is the first on the way
 * back, and those it did not touch stay in rotation. Without the note (another run is undone) all count as touched.
 */
const NOTE_TOUCHED = 'echo "$SERVER" >>"$ZDD_RUN/rolling"';
const SKIP_UNTOUCHED = `if [ -e "$ZDD_RUN/rolling" ] && ! grep -qx -- "$SERVER" "$ZDD_RUN/rolling"; then
  echo "$SERVER was not touched"
  exit 0
fi`;

function isHaproxy(given: Options): given is Options & { socket: string; backend: string } {
  return given.socket !== undefined;
}
