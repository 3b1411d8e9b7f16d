import { parsePercent } from '../leaves.js';
import { gate } from './gate.js';
import {
  amount,
  BOUNDS,
  drain,
  drainTime,
  duration,
  file,
  list,
  mapping,
  name,
  nginxCommand,
  paired,
  percent,
  runtime,
  url,
} from './options.js';
import { type Place, startSteps } from './place-pair.js';
import { logWatchers } from './release-link.js';
import { HAPROXY, runtimeEnv, runtimeWatcher } from './runtime-api.js';
import { NGINX, shell } from './shell.js';
import { type StepText, type Surroundings, strategy } from './strategy.js';

const DEFAULTS = { shares: ['1%', '10%', '50%', '100%'], requests: 100, max: '10m', limit: '1%' } as const;

const options = mapping('`{ stable, canary, url, release, start, socket, backend }`', {
  ...paired,
  stable: name(
    'the name of a server or upstream',
    'What serves before the release: a server of HAProxy, an upstream of nginx.',
  ),
  canary: name('the name of a server or upstream', 'What gets the new release, and a growing share of the requests.'),
  url: url('Where the canary answers by itself.'),
  shares: list(percent('A share.'), 'shares such as `10%`', 20)
    .optional()
    .meta({ description: 'Shares of the requests, one after the other; `[1%, 10%, 50%, 100%]` without it.' }),
  requests: amount(
    BOUNDS.windowRequests,
    'requests',
    'Requests that the canary must have answered before it gets the next share; 100 without it.',
  ).optional(),
  max: duration(BOUNDS.hold, 'How long that may take; 10m without it.').optional(),
  limit: percent(
    "Share of the canary's own requests that may fail before the release is aborted; 1% without it.",
  ).optional(),
  socket: runtime.socket.optional(),
  backend: runtime.backend.optional(),
  config: file(
    'the path of a file',
    "nginx' file with the `split_clients` block, in place of HAProxy: its lines `SHARE NAME;` are written anew.",
  ).optional(),
  nginx: nginxCommand,
  drain,
}).meta({
  description: 'A growing share of the requests for the new release, promoted by what it answered, or aborted.',
});

type Options = Parameters<Parameters<typeof strategy<typeof options>>[0]['expand']>[0];

export const canary = strategy({
  name: 'canary',
  summary: 'a growing share for the new release, by weights of HAProxy or `split_clients` of nginx',
  options,
  check: (given, complain) => {
    if (given.stable === given.canary) complain('canary', '`stable` and `canary` are the same');
    const byHaproxy = given.socket !== undefined || given.backend !== undefined;
    if (byHaproxy === (given.config !== undefined)) {
      complain(
        'canary',
        'expected either `socket` and `backend` (HAProxy), or `config` (nginx): what divides the requests',
      );
    } else if (byHaproxy && (given.socket === undefined || given.backend === undefined)) {
      complain('canary', '`socket` and `backend` belong together');
    }
    const shares = sharesOf(given);
    if (shares.some((share, index) => share <= (shares[index - 1] ?? 0)))
      complain('shares', 'each share must be greater than the one before');
    for (const share of byHaproxy ? shares.filter((each) => each > 0 && each < 1) : []) {
      const [canaryWeight, stableWeight] = weightsOf(share);
      const real = canaryWeight / (canaryWeight + stableWeight);
      if (Math.abs(real / share - 1) > 0.1) {
        complain(
          'shares',
          `the nearest to ${percentText(share)}% that HAProxy's weights can say is ${percentText(real)}%`,
        );
      }
    }
    if (shares.at(-1) !== 1) complain('shares', 'the last share must be `100%`: until then the release is not done');
  },
  expand: (given, around) => {
    const { release, ready, hold } = given;
    const place: Place = { server: given.canary, url: given.url };
    const way = given.socket === undefined ? nginxWay(given) : haproxyWay(given);
    const held = hold === undefined ? {} : { hold };
    const patience = way.timeout === undefined ? {} : { timeout: way.timeout };
    const shares = sharesOf(given);
    return {
      steps: [
        ...startSteps(given, {
          record: shell(way.values, 'Everything goes to the stable one.', way.record),
          idle: place,
          around,
        }),
        ...shares.map((share, index): StepText => {
          const isLast = share === 1;
          return {
            name: stepOf(share),
            kind: 'switch',
            ...shell(
              { ...way.values, ...way.share(share) },
              isLast ? 'Everything goes to the canary.' : 'A larger share goes to the canary.',
              ...(isLast ? way.all : index === 0 ? way.first : way.part),
            ),
            ...(isLast
              ? { ...patience, ready: gate({ ready, around, release, consecutive: 10 }), ...held }
              : { hold: { until: windowOf(share, given, around), max: given.max ?? DEFAULTS.max } }),
          };
        }),
      ],
      rollback: [
        {
          name: 'rollback',
          kind: 'rollback',
          ...shell(way.values, 'Everything goes to the stable one again.', ...way.back),
          ...patience,
          ready: gate({ ready, around, release: null, consecutive: 10 }),
          ...held,
        },
      ],
      watch: [...way.watch, ...logWatchers(given.log)],
      thresholds: abortThresholds(shares, given, around),
    };
  },
  preset: {
    vars: { STABLE: '${STABLE:-blue}', CANARY: '${CANARY:-green}' },
    options: `# HAProxy: \`stats socket ... level admin\`, both servers with \`check\` and \`weight 100\`, the canary \`disabled\`.
# nginx: in place of socket and backend the file of its \`split_clients\` block, as \`config\`.
socket: /run/haproxy/admin.sock
backend: app
stable: "\${STABLE}" # checked before anything moves; after a promotion the two change places
canary: "\${CANARY}"
url: http://127.0.0.1:8002 # where the canary answers by itself
release: "\${RELEASE}"
build: ./deploy/build.sh
migrate: alembic upgrade head # expand only: both releases run on the new schema, side by side
start: ./deploy/start.sh # $RELEASE on $ADDRESS (port $PORT), as $SERVER
stop: ./deploy/stop.sh # what runs as $SERVER, if anything
shares: [1%, 10%, 50%, 100%]
requests: 100 # that the canary answered, before it gets the next share
limit: 1% # of its own requests failed: abort
ready: /healthz`,
  },
});

function sharesOf({ shares = [...DEFAULTS.shares] }: Options): number[] {
  return shares.map((share) => parsePercent(share) ?? 0);
}

function stepOf(share: number): string {
  return `canary ${percentText(share)}`;
}

function percentText(share: number): string {
  return plain(Number((share * 100).toPrecision(6)));
}

/** A number as a threshold and nginx read it: never `5e-7`. */
function plain(value: number): string {
  return value.toFixed(12).replace(/\.?0+$/, '');
}

/** What the canary must have answered. Without a version all requests are counted, and as many as make up its share. */
function windowOf(share: number, { requests, release }: Options, { version }: Surroundings) {
  const wanted = Number(requests ?? DEFAULTS.requests);
  return version === null ? { requests: Math.ceil(wanted / share) } : { requests: wanted, version: release };
}

/**
 * Failures of the canary end the release. Those that a proxy answered for it carry no version: they are looked for among
 * all requests, of which the canary has its share. They are there to end it, and no more than warn: a canary's few
 * requests could not prove that such a rate is kept, and `rate==0` fails for less.
 */
function abortThresholds(shares: number[], { limit, release }: Options, { version }: Surroundings) {
  const allowed = parsePercent(limit ?? DEFAULTS.limit) ?? 0;
  const abort = (rate: number) => {
    const text = plain(Number(rate.toPrecision(3)));
    return { threshold: text === '0' ? 'rate==0' : `rate<${text}`, level: 'warn', abortOnFail: true };
  };
  const steps = shares.map((share) => [`http_req_failed{step:${stepOf(share)}}`, ['rate==0', abort(allowed * share)]]);
  return {
    ...(version === null ? {} : { [`http_req_failed{version:${release}}`]: [abort(allowed)] }),
    ...Object.fromEntries(steps),
  };
}

interface Way {
  /** Of the steps after which nothing goes to one of the two; the usual one where there is none. */
  timeout?: string;
  record: string;
  /** The canary's first share, each further one, all of it, and none. */
  first: string[];
  part: string[];
  all: string[];
  back: string[];
  values: Record<string, string>;
  share(share: number): Record<string, string>;
  watch: Record<string, unknown>[];
}

function haproxyWay(given: Options): Way {
  const api = { socket: given.socket as string, backend: given.backend as string };
  const { text: limit, timeout } = drainTime(given);
  return {
    timeout,
    record: RECORD_HAPROXY,
    first: [
      HAPROXY,
      'haproxy weight "$BACKEND/$CANARY" "$CANARY_WEIGHT" then ready "$BACKEND/$CANARY" then weight "$BACKEND/$STABLE" "$STABLE_WEIGHT"',
    ],
    part: [
      HAPROXY,
      'haproxy weight "$BACKEND/$CANARY" "$CANARY_WEIGHT" then weight "$BACKEND/$STABLE" "$STABLE_WEIGHT"',
    ],
    all: [
      HAPROXY,
      'haproxy weight "$BACKEND/$CANARY" 100% then ready "$BACKEND/$CANARY" --within 30s',
      'haproxy drain "$BACKEND/$STABLE" --within "$DRAIN"',
    ],
    // First what brings the traffic back. What hangs in the canary must not stop it: 97 says that it is out of rotation
    // and not idle.
    back: [
      HAPROXY,
      'haproxy ready "$BACKEND/$STABLE" --within 30s',
      'haproxy drain "$BACKEND/$CANARY" --within "$DRAIN" || [ $? -eq 97 ]',
      'haproxy weight "$BACKEND/$STABLE" 100% then maint "$BACKEND/$CANARY" then weight "$BACKEND/$CANARY" 100%',
    ],
    values: { ...runtimeEnv(api), STABLE: given.stable, CANARY: given.canary, DRAIN: limit },
    share: (share) => {
      if (share === 0 || share === 1) return {};
      const [canaryWeight, stableWeight] = weightsOf(share);
      return { CANARY_WEIGHT: String(canaryWeight), STABLE_WEIGHT: String(stableWeight) };
    },
    watch: [runtimeWatcher(api)],
  };
}

const RECORD_HAPROXY = `${HAPROXY}
canary=$(haproxy state "$BACKEND/$CANARY")
stable=$(haproxy state "$BACKEND/$STABLE")
[ "$canary" != up ] || fail "$CANARY, the canary, takes traffic already: which one is \\\`stable\\\`?"
[ "$stable" = up ] || fail "$STABLE takes no traffic"
haproxy maint "$BACKEND/$CANARY"`;

/** Two weights of HAProxy, 1 to 256, in this proportion. */
export function weightsOf(share: number): [canary: number, stable: number] {
  const percent = Number((share * 100).toPrecision(6));
  if (Number.isInteger(percent)) return [percent, 100 - percent];
  let best: [number, number] = [1, 256];
  let error = Number.POSITIVE_INFINITY;
  for (let stable = 1; stable <= 256; stable += 1) {
    const weight = Math.min(256, Math.max(1, Math.round((share * stable) / (1 - share))));
    const off = Math.abs(weight / (weight + stable) - share);
    // Of equally good ones the first, and that has the smallest numbers.
    if (off < error - 1e-9) {
      best = [weight, stable];
      error = off;
    }
  }
  return best;
}

function nginxWay(given: Options): Way {
  const send = (percent: string) => [SPLIT, `send "${percent}"`];
  return {
    record: RECORD_NGINX,
    first: send('$SHARE'),
    part: send('$SHARE'),
    all: send('100'),
    back: send('0'),
    values: {
      CONFIG: given.config as string,
      STABLE: given.stable,
      CANARY: given.canary,
      NGINX: given.nginx ?? 'nginx',
    },
    share: (share) => (share === 0 || share === 1 ? {} : { SHARE: percentText(share) }),
    watch: [],
  };
}

const RECORD_NGINX = `${NGINX}
shares=$(sed -n 's/^[[:space:]]*\\([0-9.]*%\\|\\*\\)[[:space:]]\\{1,\\}\\([^;[:space:]]*\\);.*/\\1 \\2/p' "$CONFIG")
[ "$shares" = "* $STABLE" ] || fail "$CONFIG shares the requests like this: $shares. Before the release it must be: * $STABLE"
nginx_ -t`;

const SPLIT = `${NGINX}
config=$(readlink -f "$CONFIG")
# send PERCENT: that much to the canary. Tested before it is taken up; what nginx does not take is undone.
send() {
  case $1 in
    0) lines="  * $STABLE;" ;;
    100) lines="  * $CANARY;" ;;
    *) lines=$(printf '  %s%% %s;\\n  * %s;' "$1" "$CANARY" "$STABLE") ;;
  esac
  cp -p "$config" "$config.before"
  cp -p "$config" "$config.$$"
  LINES_="$lines" awk '
    /^[ \\t]*([0-9.]+%|\\*)[ \\t]+[^; \\t]+;/ { inside = 1; next }
    inside && /^[ \\t]*\\}/ { print ENVIRON["LINES_"]; inside = 0 }
    { print }
  ' "$config.before" >"$config.$$"
  mv "$config.$$" "$config"
  if ! nginx_ -t; then
    mv "$config.before" "$config"
    fail "nginx does not take $CONFIG with $1% for $CANARY; it is as it was"
  fi
  rm "$config.before"
  nginx_ -s reload
  echo "$1% to $CANARY"
}`;
