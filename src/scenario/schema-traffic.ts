import { z } from 'zod';
import { amount, BOUNDS, choice, duration, percent, rate, scalar, text } from './leaves.js';
import { list, mapping, request, status } from './schema-requests.js';
import { show } from './suggest.js';

const flow = mapping('a flow such as `{ get: / }`', {
  name: text('a name', 'Name of the flow; `METHOD path` without it.', 200).optional(),
  weight: amount(
    BOUNDS.weight,
    'a share of the mix',
    'Share of the mix, relative to the others; 1 without it.',
    false,
  ).optional(),
  target: text('the name of a target', 'The one of `targets` it goes to; the first without it.', 100).optional(),
  rate: rate('A rate of its own, `5/s`, beside the mix and not part of it.').optional(),
  clients: amount(
    BOUNDS.clients,
    'clients',
    'Virtual clients, in turn, that keep the cookies they are given; none without it.',
  ).optional(),
  ...request,
}).meta({
  description:
    'One kind of request. Path, headers and body may hold `${data.FEED.COLUMN}`, `${random.uuid}`, `${random.int(1,100)}`, `${random.text(8)}`, `${random.timestamp}` and `${seq}`.',
});

const stage = mapping('a stage such as `{ target: 200, duration: 30s }`', {
  target: rate('The rate at the end of the stage.'),
  duration: duration(BOUNDS.stage, 'How long the rate takes to get there, in a straight line.'),
}).meta({ description: 'A part of the ramp.' });

const blockedAnswer = mapping('a status or `{ status, header }`', {
  status,
  header: z
    .record(
      z.string(),
      scalar('a text or `/REGEXP/`') as z.ZodType<string | number | boolean, string | number | boolean | RegExp>,
      { error: ({ input }) => `expected a mapping of header names to values, got ${show(input)}` },
    )
    .optional()
    .meta({ description: 'Headers that the answer has as well: a text, or a regular expression `/.../`.' }),
});

const blocked = z.union([amount(BOUNDS.blockedStatus, 'a status of refusal, 400 to 599', 'A status.'), blockedAnswer], {
  error: ({ input }) => `expected a status or \`{ status, header }\`, got ${show(input)}`,
});

const feed = z.union(
  [
    text(
      'the path of a file',
      'A CSV file (with a line of column names) or a JSON file (a list of flat objects).',
      4000,
    ),
    mapping('a file or `{ file, order }`', {
      file: text(
        'the path of a file',
        'A CSV file (with a line of column names) or a JSON file (a list of flat objects).',
        4000,
      ),
      order: choice(['sequential', 'random'], 'How rows are taken; `sequential`, in turn, without it.').optional(),
    }),
  ],
  { error: ({ input }) => `expected the path of a file or \`{ file, order }\`, got ${show(input)}` },
);

export const traffic = mapping('a mapping with `rate` and `mix`', {
  executor: choice(
    ['constant-arrival-rate', 'ramping-arrival-rate'],
    'Open loop: a start never waits for an answer. `constant-arrival-rate` without it.',
  ).optional(),
  rate: rate('Arrivals of the mix, `200/s`, or a number for each `timeUnit`.').optional(),
  timeUnit: duration(BOUNDS.timeUnit, 'What rates that are plain numbers are for; 1s without it.').optional(),
  startRate: rate('`ramping-arrival-rate`: the rate at the beginning of the traffic; 0 without it.').optional(),
  stages: list(stage, 'stages such as `{ target: 200, duration: 30s }`', 100).optional().meta({
    description:
      '`ramping-arrival-rate`: the rate goes from stage to stage in straight lines, from the beginning of the warm-up on; that of the last stage stays.',
  }),
  arrival: choice(
    ['even', 'poisson'],
    'How arrivals are spaced: `even`, or at random as independent users come; `even` without it.',
  ).optional(),
  threads: amount(
    BOUNDS.threads,
    'threads',
    'Sending threads; 1 for every 8,000/s without it, never all cores.',
  ).optional(),
  seed: amount(
    BOUNDS.seed,
    'a seed',
    'Decides Poisson spacing and random values; made of the run id without it.',
  ).optional(),
  connections: mapping('`{ keepalive: 80%, fresh: 20%, pool: 20 }`', {
    keepalive: percent('Share of arrivals sent over the keep-alive pool; 80% without it.').optional(),
    fresh: percent('Share of arrivals that make a connection of their own; the rest without it.').optional(),
    pool: amount(
      BOUNDS.pool,
      'connections',
      'Connections kept open; the longest idle is used first; 20 without it.',
    ).optional(),
  })
    .optional()
    .meta({ description: 'New and reused connections fail differently.' }),
  client: choice(
    ['strict', 'browser'],
    '`browser`: a loss before any byte on a reused connection with a safe method is a risk, not a failure; not so where an HTTP/2 server resets one stream alone that it has not refused.',
  ).optional(),
  data: z
    .record(z.string(), feed, { error: ({ input }) => `expected a mapping of names to files, got ${show(input)}` })
    .optional()
    .meta({ description: 'Feeds of rows for the flows, by name: `${data.NAME.COLUMN}`.' }),
  mix: list(flow, 'flows such as `{ get: / }`', 200).meta({ description: 'The flows, interleaved by weight.' }),
  blocked: list(blocked, 'statuses or `{ status, header }`', 50).optional().meta({
    description:
      'Answers of a rate limiter or firewall. They say nothing of the app: any makes the run inconclusive. None without it.',
  }),
  maxInFlight: amount(
    BOUNDS.maxInFlight,
    'requests',
    'Requests under way at once; an arrival beyond it is `unsent`.',
  ).optional(),
}).meta({ description: 'The load.' });
