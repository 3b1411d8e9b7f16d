import { gate } from './gate.js';
import { address, choice, drain, drainTime, file, flag, mapping, nginxCommand, paired } from './options.js';
import { checkPair, type Place, START_AGAIN, startSteps, withPlace } from './place-pair.js';
import { logWatchers } from './release-link.js';
import { NGINX, shell } from './shell.js';
import { type StepText, strategy } from './strategy.js';

const options = mapping('`{ config, blue, green, release, start }`', {
  ...paired,
  config: file(
    'the path of a file',
    "nginx' file that holds the address of the live place, and not that of the other.",
  ),
  blue: address('One place of the app.'),
  green: address('The other place.'),
  live: choice(
    ['blue', 'green'],
    'The one that serves before the release; `blue` without it. It is checked.',
  ).optional(),
  nginx: nginxCommand,
  pidfile: file(
    'the path of a file',
    "The file with the id of nginx' master; for `retire` and to watch its workers.",
  ).optional(),
  retire: flag(
    'Whether the old place is stopped at the end, once the old workers of nginx are gone; false without it.',
  ).optional(),
  drain,
}).meta({
  description:
    'Two places for the app behind nginx: start the idle one, gate, `nginx -t`, reload. The way back is the same switch.',
});

/** Holds the file against what the scenario says of it. */
const RECORD = `${NGINX}
names() { grep -Fwq -- "$1" "$CONFIG"; }
names "$NEW" && ! names "$LIVE" && fail "$CONFIG names $NEW, the place for the new release: say which one is live (\\\`live\\\`)"
names "$LIVE" || fail "$CONFIG does not name $LIVE, the live place"
! names "$NEW" || fail "$CONFIG names both places: only the live one may stand there"
nginx_ -t`;

const SWITCH = `${NGINX}
config=$(readlink -f "$CONFIG")
# swap FROM TO: the one address for the other, complete or not at all.
swap() {
  cp -p "$config" "$config.$$"
  awk -v from="$1" -v to="$2" '{
    done = ""; rest = $0
    while ((at = index(rest, from)) > 0) {
      after = substr(rest, at + length(from))
      done = done substr(rest, 1, at - 1) (after ~ /^[0-9]/ ? from : to)
      rest = after
    }
    print done rest
  }' "$config" >"$config.$$"
  mv "$config.$$" "$config"
}
# send_to NEW OLD: tested before it is taken up; what nginx does not take is undone.
send_to() {
  cp -p "$config" "$config.before"
  swap "$2" "$1"
  if ! nginx_ -t; then
    mv "$config.before" "$config"
    fail "nginx does not take $CONFIG with $1; it is as it was"
  fi
  rm "$config.before"
  nginx_ -s reload
  echo "nginx sends to $1"
}`;

/** Old workers finish what they began, and that goes to the old place. */
const DRAIN = `master=$(cat "$PIDFILE")
draining() {
  for process in /proc/[0-9]*; do
    grep -qs "^PPid:[[:space:]]*$master\\$" "$process/status" && grep -qsa 'shutting down' "$process/cmdline" && return 0
  done
  return 1
}
end=$(($(date +%s) + DRAIN_SECONDS))
while draining && [ "$(date +%s)" -lt "$end" ]; do sleep 0.1; done
if draining; then echo "old workers of nginx still have requests under way after $DRAIN_SECONDS s"; fi
(eval "$STOP")`;

export const nginxBlueGreen = strategy({
  name: 'nginx-blue-green',
  summary: 'two places for the app behind nginx: gate, `nginx -t`, reload',
  options,
  check: ({ blue, green, retire, stop, pidfile }, complain) => {
    checkPair(blue, green, 'green', complain);
    if (String(retire) === 'true' && stop === undefined)
      complain('retire', 'there is no `stop` to end the old place with');
    if (String(retire) === 'true' && pidfile === undefined) {
      complain('retire', 'needs `pidfile`: the old workers of nginx are waited for before the old place is stopped');
    }
  },
  expand: (given, around) => {
    const { live = 'blue', release, ready, hold, pidfile } = given;
    const other = live === 'blue' ? 'green' : 'blue';
    const old: Place = { server: live, url: `http://${given[live]}` };
    const next: Place = { server: other, url: `http://${given[other]}` };
    const env = {
      CONFIG: given.config,
      LIVE: given[live],
      NEW: given[other],
      NGINX: given.nginx ?? 'nginx',
    };
    const held = hold === undefined ? {} : { hold };
    const retire = String(given.retire) === 'true';
    return {
      steps: [
        ...startSteps(given, {
          record: shell(env, 'nginx sends to the live place, as the scenario says.', RECORD),
          idle: next,
          around,
        }),
        {
          name: 'switch',
          kind: 'switch',
          ...shell(env, 'nginx sends to the new place.', SWITCH, 'send_to "$NEW" "$LIVE"'),
          ready: gate({ ready, around, release, consecutive: 10 }),
          ...held,
        },
        ...(retire ? [retireStep(given.stop as string, pidfile as string, given, old)] : []),
      ],
      rollback: [
        ...(retire
          ? [
              {
                name: 'start old',
                kind: 'rollback' as const,
                ...withPlace(
                  shell({ START: given.start }, 'The old release runs, or is started again.', START_AGAIN),
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
          ...shell(env, 'nginx sends to the old place again.', SWITCH, 'send_to "$LIVE" "$NEW"'),
          ready: gate({ ready, around, release: null, consecutive: 10 }),
          ...held,
        },
      ],
      watch: [...(pidfile === undefined ? [] : [{ processes: { pidfile } }]), ...logWatchers(given.log)],
      thresholds: {},
    };
  },
  preset: {
    vars: { LIVE: '${LIVE:-blue}' },
    options: `# nginx includes config, and it holds the address of the live place: \`server 127.0.0.1:8001;\` in an upstream block.
config: /etc/nginx/shop-upstream.conf
blue: 127.0.0.1:8001
green: 127.0.0.1:8002
live: "\${LIVE}" # checked against config before anything moves
release: "\${RELEASE}"
build: ./deploy/build.sh
migrate: alembic upgrade head # expand only: both releases run on the new schema
start: ./deploy/start.sh # $RELEASE on $ADDRESS (port $PORT), as $SERVER: blue or green
stop: ./deploy/stop.sh # what runs as $SERVER, if anything
nginx: sudo -n nginx
ready: /healthz`,
  },
});

function retireStep(stop: string, pidfile: string, given: { drain?: string | undefined }, old: Place): StepText {
  const { seconds, timeout } = drainTime(given);
  return {
    name: 'retire',
    kind: 'custom',
    timeout,
    ...withPlace(
      shell(
        { PIDFILE: pidfile, DRAIN_SECONDS: seconds, STOP: stop },
        'The old place is stopped once the old workers of nginx are gone.',
        DRAIN,
      ),
      old,
    ),
  };
}
