import { z } from 'zod';
import { parseDuration } from '../../model/units.js';
import { amount, BOUNDS, choice, duration, flag, percent, text } from '../leaves.js';
import { onHost } from '../schema-hosts.js';
import { list, mapping, path, readyCheck, versionPlace } from '../schema-requests.js';
import { show } from '../suggest.js';

/** Options that are the user's own shell: never interpolated, run as they stand. */
const SCRIPTS = [
  'build',
  'check',
  'migrate',
  'start',
  'stop',
  'update',
  'out',
  'in',
  'nginx',
  'pm2',
  'systemctl',
] as const;

/** Whether the value at this path of a scenario is a script in the options of a strategy. */
export function isStrategyScript(at: readonly (string | number)[]): boolean {
  return at.length === 3 && at[0] === 'strategy' && (SCRIPTS as readonly unknown[]).includes(at[2]);
}

const script = (description: string) =>
  z
    .string({ error: ({ input }) => `expected a shell script, got ${show(input)}` })
    .refine((value) => value.trim() !== '' && !value.includes('\0'), {
      error: 'expected a shell script, got an empty text',
    })
    .meta({ description: `${description} Shell, never interpolated.` });

const file = (what: string, description: string) => text(what, description, 4000);

/** A text of a fixed form; `fits` says what the form cannot. */
export function formed(form: RegExp, what: string, description: string, fits: (value: string) => boolean = () => true) {
  const error = ({ input }: { input?: unknown }) => `expected ${what}, got ${show(input)}`;
  return z
    .string({ error })
    .refine((value) => form.test(value) && fits(value), { error })
    .meta({ description });
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]*$/;

/** A name that HAProxy, nginx or a file system takes as one word. */
export const name = (what: string, description: string) => formed(NAME, what, description);

/** An image as a container engine names it: without a tag of its own no release can be told from the one before. */
export const image = formed(
  /^(?:[A-Za-z0-9][\w.:-]*\/)*[a-z0-9][\w.-]*(?::[\w.-]+(?:@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$/,
  'an image with its tag or digest, such as `registry.example/shop:v2`',
  'The image of the release, with a tag of its own.',
);

/** `127.0.0.1:8001`. */
export const address = (description: string) =>
  formed(
    /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}$/,
    'an address such as `127.0.0.1:8001`',
    description,
    (value) => URL.canParse(`http://${value}`),
  );

export const url = (description: string) =>
  formed(
    /^https?:\/\/[^\s/?#@]+\/?$/,
    'a URL without a path such as `http://127.0.0.1:8001`',
    description,
    URL.canParse,
  );

/** Servers by their names in the proxy, each with the URL at which it answers by itself. */
export const servers = (description: string) =>
  z
    .record(z.string(), url('Where it answers by itself.'), {
      error: ({ input }) => `expected a mapping of names to URLs, got ${show(input)}`,
    })
    .meta({ description });

const readyMapping = readyCheck.omit({ target: true }).extend({
  version: mapping('`{ header: NAME }`, `{ json: PATH }` or `{ body: REGEXP }`', versionPlace)
    .optional()
    .meta({ description: 'Where the answer to this check says its version; as `target.version` without it.' }),
});

/** Options that several strategies share. */
export const common = {
  release: formed(
    /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$/,
    'the name of a release (at most 100 letters, digits, `.`, `_`, `+`, `-`)',
    'The release: what the app says of its version, and the name of its folder.',
  ),
  build: script('Makes the release; finds its name in `$RELEASE`.').optional(),
  migrate: script('Changes the database so that both releases work with it.').optional(),
  ready: z
    .union([path('GET this path.'), readyMapping], {
      error: ({ input }) =>
        `expected a path such as \`/healthz\` or a check such as \`{ get: /healthz }\`, got ${show(input)}`,
    })
    .optional()
    .meta({
      description: 'What says that the app is ready; `/healthz` without it. Its version is asked for too, where known.',
    }),
  log: z
    .union([
      file('the path of a log', 'A log to watch.'),
      list(file('the path of a log', 'A log.'), 'paths of logs', 20),
    ])
    .optional()
    .meta({ description: 'Logs to watch: of the app or of the proxy.' }),
  hold: duration(BOUNDS.hold, 'How long the traffic goes on after it was moved; by default at least 5s.').optional(),
};

/** Options of those that keep every release in a folder of its own, and point a link to the live one. */
export const linked = {
  root: file('a folder', 'The folder that holds `releases/` and the link `current`.'),
  ...common,
  on: onHost.optional(),
  check: script(
    'Tries the new release out before it is live, in its folder; for example whether it can be imported.',
  ).optional(),
};

/** Options of those that have two places for the app, and send the traffic to one of them. */
export const paired = {
  ...common,
  start: script('Starts the release in the place named by `$SERVER`, `$ADDRESS` and `$PORT`.'),
  stop: script('Stops what runs in the place named by `$SERVER`; succeeds where nothing runs.').optional(),
};

/** HAProxy's runtime API. */
export const runtime = {
  socket: text('a path or `HOST:PORT`', "HAProxy's `stats socket`, with `level admin`.", 4000),
  backend: name('the name of a backend', 'The backend whose servers are released.'),
};

const DEFAULT_DRAIN = '30s';
/** What else a step that drains may take: as much as a step that does not. */
const BESIDE_DRAIN_MS = 10 * 60_000;

export const drain = duration(
  { ...BOUNDS.stepTimeout, max: BOUNDS.stepTimeout.max - BESIDE_DRAIN_MS },
  `How long requests under way are waited for; ${DEFAULT_DRAIN} without it.`,
).optional();

/** The time for it as it is written and in whole seconds, and the timeout of a step that waits that long. */
export function drainTime({ drain: given = DEFAULT_DRAIN }: { drain?: string | undefined }) {
  const seconds = Math.ceil((parseDuration(given) as number) / 1000);
  return { text: given, seconds: String(seconds), timeout: `${seconds + BESIDE_DRAIN_MS / 1000}s` };
}

export const nginxCommand = script(
  'How nginx is called: `-t` and `-s reload` are put behind it; `nginx` without it.',
).optional();

export { amount, BOUNDS, choice, duration, file, flag, list, mapping, percent, script };

export type Ready = z.output<typeof common.ready>;
export type Logs = z.output<typeof common.log>;
