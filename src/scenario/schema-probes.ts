import { z } from 'zod';
import { amount, BOUNDS, choice, duration, size, text } from './leaves.js';
import { expectation, headers, mapping, path, request } from './schema-requests.js';
import { connectionKeys } from './schema-target.js';
import { show } from './suggest.js';

const every = (description: string) => duration(BOUNDS.probeEvery, description).optional();

const place = {
  json: text('a JSON path', 'Where in a JSON answer it stands.').optional(),
  header: text('a header name', 'The response header that holds it.').optional(),
};

const ask = (description: string) => mapping('a request such as `{ get: / }`', request).meta({ description });

const elsewhere = {
  url: text(
    'a URL such as `http://127.0.0.1:3001`',
    "Where it is. The target's headers go to the target's origin alone.",
  ),
  ...connectionKeys,
  ...request,
  every: every('Time between requests; 200ms without it.'),
};

/** Kinds of traffic beside the mix, each for one way in which a release fails. */
export const probes = mapping('a mapping of probes such as `{ idle: { connections: 50 } }`', {
  idle: mapping('`{ connections }`', {
    connections: amount(
      BOUNDS.idleConnections,
      'connections',
      'Keep-alive connections that made one request and then wait; 50 without it.',
    ).optional(),
    ...request,
  })
    .optional()
    .meta({
      description:
        'Connections that are idle when the release comes: closed without notice is a risk. Their request is the first reading flow of the mix unless one is given.',
    }),
  inflight: mapping('a slow request such as `{ get: /slow }`', {
    ...request,
    every: every('Time between its starts, shorter than the request takes; 500ms without it.'),
  })
    .optional()
    .meta({ description: 'A slow request, so that one is always under way, also at the switch.' }),
  upload: mapping('an upload such as `{ post: /upload, size: 1MiB, over: 3s }`', {
    post: path('POST to this path.').optional(),
    put: path('PUT to this path.').optional(),
    patch: path('PATCH this path.').optional(),
    headers: headers.optional(),
    size: size(BOUNDS.upload, 'Bytes of the body; 1MiB without it.').optional(),
    over: duration(BOUNDS.uploadOver, 'How long the body takes to be sent; 3s without it.').optional(),
    every: every('Time between starts; as long as `over` without it.'),
    digest: z
      .union([choice(['body'], 'The answer is the digest.'), mapping('`{ header }`, `{ json }` or `body`', place)], {
        error: ({ input }) => `expected \`{ header: NAME }\`, \`{ json: PATH }\` or \`body\`, got ${show(input)}`,
      })
      .optional()
      .meta({ description: "Where the answer holds the SHA-256 (hex) of what arrived; it must be the body's." }),
    expect: expectation.optional(),
  })
    .optional()
    .meta({ description: 'A body that is sent slowly, again and again. Expects 200-299 unless it says otherwise.' }),
  websocket: mapping('`{ path: /ws }`', {
    path: path('Where the WebSocket is; it sends back what it gets.'),
    headers: headers.optional(),
    connections: amount(BOUNDS.streams, 'connections', 'Connections; 2 without it.').optional(),
    every: every('Time between messages on a connection; 500ms without it.'),
    timeout: duration(BOUNDS.probeTimeout, 'Time a connection or an answer may take; 5s without it.').optional(),
  })
    .optional()
    .meta({ description: 'Numbered messages that must come back.' }),
  sse: mapping('`{ path: /events }`', {
    path: path('Where the stream of events (text/event-stream) is.'),
    headers: headers.optional(),
    connections: amount(BOUNDS.streams, 'connections', 'Connections; 1 without it.').optional(),
    gap: duration(
      BOUNDS.gap,
      'A silence as long as this is counted where the baseline had none; 0s, never, without it.',
    ).optional(),
  })
    .optional()
    .meta({ description: 'Server-sent events: no event may be lost, also across a reconnect with Last-Event-ID.' }),
  assets: mapping('`{ page: / }`', {
    page: path('The page whose assets are asked for.'),
    headers: headers.optional(),
    every: every('Time between rounds; 1s without it.'),
    most: amount(BOUNDS.assets, 'assets', 'Assets of a page that are asked for; 50 without it.').optional(),
  })
    .optional()
    .meta({ description: 'A page of one release, and its assets while the other is live.' }),
  session: mapping('`{ login, check }`', {
    login: ask('The request that begins a session: by cookies, or by a token.'),
    check: ask('A request that only a session can make. Expects 200-299 unless it says otherwise.'),
    every: every('Time between checks of a session; 1s without it.'),
    sessions: amount(BOUNDS.sessions, 'sessions', 'Sessions; 3 without it.').optional(),
    token: mapping('`{ json: PATH }` or `{ header: NAME }`', place)
      .optional()
      .meta({ description: 'Where the answer to the login holds a token for `Authorization: Bearer`.' }),
  })
    .optional()
    .meta({ description: 'Sessions that begin before the release must hold all through it.' }),
  ledger: mapping('`{ write, read }`', {
    write: ask('A write; `{key}` in its path, headers and body is its own key.'),
    read: ask(
      'Reads one write back: `{id}` in the path is what `id` finds in its answer, `{key}` is its key. Expects 200-299 unless it says otherwise.',
    ),
    list: ask('A listing in which every key must stand exactly once.').optional(),
    id: mapping('`{ json: PATH }` or `{ header: NAME }`', place)
      .optional()
      .meta({ description: 'Where the answer to a write holds its id; `{ json: $.id }` without it.' }),
    every: every('Time between writes; 200ms without it.'),
    keyHeader: text(
      'a header name, or `none`',
      'Header that carries the key of a write; `idempotency-key` without it.',
      100,
    ).optional(),
  })
    .optional()
    .meta({ description: 'Acknowledged writes are read back: none may be lost, none be there twice.' }),
  twin: mapping('`{ url }`', elsewhere).optional().meta({
    description:
      'The same requests straight at a backend, to tell the proxy from the app: the first reading flow of the mix unless one is given.',
  }),
  control: mapping('`{ url }`', elsewhere).optional().meta({
    description:
      'Requests at an endpoint that the release does not touch, to tell network and harness from the deploy: the first reading flow of the mix unless one is given.',
  }),
}).meta({ description: 'Traffic beside the mix, each kind for one way in which a release fails.' });
