import { gate } from './gate.js';
import { drain, drainTime, flag, mapping, name, paired, runtime, servers } from './options.js';
import { type Place, START_AGAIN, startSteps, withPlace } from './place-pair.js';
import { logWatchers } from './release-link.js';
import { checkServers, HAPROXY, runtimeEnv, runtimeWatcher } from './runtime-api.js';
import { shell } from './shell.js';
import { strategy } from './strategy.js';

const options = mapping('`{ socket, backend, servers, live, release, start }`', {
  ...runtime,
  ...paired,
  servers: servers('The two servers of the backend, each with the URL at which it answers by itself.'),
  live: name('the name of a server', 'The server that serves before the release. It is checked.'),
  retire: flag('Whether the old server is put into maintenance and stopped at the end; false without it.').optional(),
  drain,
}).meta({
  description:
    'Two servers behind HAProxy: start the idle one, bring it in by the runtime API, drain the old one. The way back is the same.',
});

const RECORD = `${HAPROXY}
new=$(haproxy state "$BACKEND/$NEW")
live=$(haproxy state "$BACKEND/$LIVE")
[ "$new" != up ] || fail "$NEW takes traffic: say which one is live (\\\`live\\\`)"
[ "$live" = up ] || fail "$LIVE, the live server, takes no traffic"
haproxy maint "$BACKEND/$NEW"`;

const SWITCH = `${HAPROXY}
haproxy ready "$BACKEND/$TO" --within 30s
haproxy drain "$BACKEND/$FROM" --within "$DRAIN"`;

/** What hangs in the new one must not stop the way back: 97 says that it is out of rotation and not idle. */
const BACK = `${HAPROXY}
haproxy ready "$BACKEND/$TO" --within 30s
haproxy drain "$BACKEND/$FROM" --within "$DRAIN" || [ $? -eq 97 ]`;

const RETIRE = `${HAPROXY}
haproxy maint "$BACKEND/$SERVER"
(eval "$STOP")`;

export const haproxyDrain = strategy({
  name: 'haproxy-drain',
  summary: 'two servers behind HAProxy, by its runtime API: ready, drain, maint',
  options,
  check: (given, complain) => {
    checkServers(given.servers, { min: 2, max: 2 }, complain);
    if (!Object.hasOwn(given.servers, given.live)) complain('live', `\`${given.live}\` is none of the \`servers\``);
    if (String(given.retire) === 'true' && given.stop === undefined) {
      complain('retire', 'there is no `stop` to end the old server with');
    }
  },
  expand: (given, around) => {
    const { live, release, ready, hold } = given;
    const other = Object.keys(given.servers).find((each) => each !== live) as string;
    const old: Place = { server: live, url: given.servers[live] as string };
    const next: Place = { server: other, url: given.servers[other] as string };
    const api = runtimeEnv(given);
    const { text: limit, timeout } = drainTime(given);
    const held = hold === undefined ? {} : { hold };
    const retire = String(given.retire) === 'true';
    return {
      steps: [
        ...startSteps(given, {
          record: shell(
            { ...api, LIVE: live, NEW: other },
            'The live server takes the traffic, the idle one none, also when it is started.',
            RECORD,
          ),
          idle: next,
          around,
        }),
        {
          name: 'switch',
          kind: 'switch',
          ...shell(
            { ...api, FROM: live, TO: other, DRAIN: limit },
            'The new server comes in once it is healthy; the old one gets no new request.',
            SWITCH,
          ),
          timeout,
          ready: gate({ ready, around, release, consecutive: 10 }),
          ...held,
        },
        ...(retire
          ? [
              {
                name: 'retire',
                kind: 'custom' as const,
                ...withPlace(
                  shell({ ...api, STOP: given.stop as string }, 'The old server is idle: it is stopped.', RETIRE),
                  old,
                ),
              },
            ]
          : []),
      ],
      rollback: [
        ...(retire
          ? [
              {
                name: 'start old',
                kind: 'rollback' as const,
                ...withPlace(
                  shell({ START: given.start }, 'The old server runs, or is started again.', START_AGAIN),
                  old,
                ),
                ready: gate({ ready, around, release: null, at: old.url, consecutive: 3 }),
                hold: '0s',
              },
            ]
          : []),
        {
          name: 'rollback',
          kind: 'rollback',
          ...shell(
            { ...api, FROM: other, TO: live, DRAIN: limit },
            'The old server comes in again; the new one gets no new request.',
            BACK,
          ),
          timeout,
          ready: gate({ ready, around, release: null, consecutive: 10 }),
          ...held,
        },
      ],
      watch: [runtimeWatcher(given), ...logWatchers(given.log)],
      thresholds: {},
    };
  },
  preset: {
    vars: { LIVE: '${LIVE:-blue}' },
    options: `# In HAProxy: \`stats socket ... level admin\`, and both servers in the backend, with \`check\`.
socket: /run/haproxy/admin.sock
backend: app
servers: { blue: "http://127.0.0.1:8001", green: "http://127.0.0.1:8002" }
live: "\${LIVE}" # checked against HAProxy before anything moves
release: "\${RELEASE}"
build: ./deploy/build.sh
migrate: alembic upgrade head # expand only: both releases run on the new schema
start: ./deploy/start.sh # $RELEASE on $ADDRESS (port $PORT), as $SERVER
stop: ./deploy/stop.sh # what runs as $SERVER, if anything
drain: 30s
ready: /healthz`,
  },
});
