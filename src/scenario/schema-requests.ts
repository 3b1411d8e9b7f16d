import { z } from 'zod';
import { amount, BOUNDS, duration, scalar, text } from './leaves.js';
import { show } from './suggest.js';

/** An object of exactly these keys. */
export function mapping<T extends z.core.$ZodLooseShape>(what: string, shape: T) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? `expected ${what}, got ${show(issue.input)}` : undefined),
  });
}

/** A list; an empty one where something was to be said is a mistake. */
export function list<T extends z.ZodType>(item: T, what: string, max: number) {
  return z
    .array(item, { error: ({ input }) => `expected a list (${what}), got ${show(input)}` })
    .min(1, { error: `is an empty list; it needs at least one entry (${what})` })
    .max(max, { error: `has more than ${max} entries` });
}

export const TEXT = (what: string) => z.string({ error: ({ input }) => `expected ${what}, got ${show(input)}` });

/** A value that is compared with JSON or sent as JSON: whatever the file says. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
/** In modules a regular expression may be written as one. */
export type JsonPattern = RegExp | string | number | boolean | null | JsonPattern[] | { [key: string]: JsonPattern };

const json = (description: string) =>
  z.unknown().meta({ description }) as z.ZodType<Json | undefined, Json | undefined>;
/** Modules are turned into plain data, regular expressions into `/.../`, before they are checked. */
export const pattern = (schema: z.ZodType<string>) => schema as z.ZodType<string, string | RegExp>;

export const headers = z
  .record(z.string(), scalar('the value of a header'), {
    error: ({ input }) => `expected a mapping of header names to values, got ${show(input)}`,
  })
  .meta({ description: 'Header names and values.' });

export const status = amount(BOUNDS.status, 'a final status, 200 to 599', 'A status.');

const bodyExpectation = mapping('`{ contains: TEXT }` or `{ matches: /REGEXP/ }`', {
  contains: TEXT('a text').optional().meta({ description: 'The body contains this text.' }),
  matches: pattern(TEXT('a regular expression such as `/ok/i`'))
    .optional()
    .meta({ description: 'The body matches this regular expression, `/.../` with flags or plain.' }),
});

const expectationObject = mapping('a status, a list of statuses, or `{ status, body, json, header }`', {
  status: z
    .union([status, list(status, 'statuses', 100)], {
      error: ({ input }) => `expected a status or a list of them, got ${show(input)}`,
    })
    .optional()
    .meta({ description: 'The statuses that are right; 200-399 without it.' }),
  body: bodyExpectation.optional().meta({ description: 'What the body must hold.' }),
  json: z
    .record(z.string(), z.unknown() as z.ZodType<unknown, JsonPattern>, {
      error: ({ input }) => `expected a mapping of JSON paths to values, got ${show(input)}`,
    })
    .optional()
    .meta({ description: 'JSON paths (RFC 9535) and what stands there: a value, or a regular expression `/.../`.' }),
  header: z
    .record(
      z.string(),
      scalar('a text or `/REGEXP/`') as z.ZodType<string | number | boolean, string | number | boolean | RegExp>,
      {
        error: ({ input }) => `expected a mapping of header names to values, got ${show(input)}`,
      },
    )
    .optional()
    .meta({ description: 'Header names and what they hold: a text, or a regular expression `/.../`.' }),
});

export const expectation = z
  .union([status, list(status, 'statuses', 100), expectationObject], {
    error: ({ input }) =>
      `expected a status, a list of statuses, or \`{ status, body, json, header }\`, got ${show(input)}`,
  })
  .meta({ description: 'What the answer must be; 200-399 without it. Redirects are not followed.' });

/** The keys that name a method, each with the path as its value. */
export const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options'] as const;
export type Method = (typeof METHODS)[number];

/** Where an answer says its version. */
export const versionPlace = {
  header: text('a header name', 'The response header that holds the version.').optional(),
  json: text('a JSON path', 'Where in a JSON answer the version stands.').optional(),
  body: pattern(text('a regular expression', 'A regular expression whose first group is the version.')).optional(),
};

const version = text('a version, or `/REGEXP/`', 'The version that must answer.');

/** The version that a check asks for. */
const askedVersion = z
  .union([version, mapping('`{ is: v2, header: NAME }`', { is: version, ...versionPlace })], {
    error: ({ input }) =>
      `expected a version, or \`{ is: v2, header: NAME }\`, got ${show(input)}${typeof input === 'number' ? '; put it in quotes' : ''}`,
  })
  .meta({
    description:
      'The version that must answer, compared as a whole. It is read as `target.version` says, or where `header`, `json` or `body` say it.',
  });

/** A path, `/healthz`. */
export const path = (description: string) => text('a path such as `/healthz`', description);

/** The keys of a request. */
export const request = {
  get: path('GET this path.').optional(),
  head: path('HEAD of this path.').optional(),
  post: path('POST to this path.').optional(),
  put: path('PUT to this path.').optional(),
  patch: path('PATCH this path.').optional(),
  delete: path('DELETE this path.').optional(),
  options: path('OPTIONS of this path.').optional(),
  headers: headers.optional(),
  json: json('A body, sent as JSON.').optional(),
  body: TEXT('a text').optional().meta({ description: 'A body, sent as it is.' }),
  expect: expectation.optional(),
};

/** What a check asks for beside an answer. */
export const checked = {
  ...request,
  version: askedVersion.optional(),
  target: text('the name of a target', 'The one of `targets` that is asked; the first without it.', 100).optional(),
};

export const readyCheck = mapping('a check such as `{ get: /healthz }`', {
  ...checked,
  consecutive: amount(
    BOUNDS.consecutive,
    'successes in a row',
    'Successes in a row that count as ready; 3 without it.',
  ).optional(),
  within: duration(BOUNDS.within, 'Time to become ready; 60s without it.').optional(),
  interval: duration(BOUNDS.interval, 'Time between checks; 100ms without it.').optional(),
}).meta({ description: 'A check on a fresh connection, apart from the traffic. The path may be an absolute URL.' });
