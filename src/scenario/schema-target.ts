import { z } from 'zod';
import { BOUNDS, choice, duration, flag, text } from './leaves.js';
import { headers, mapping, versionPlace } from './schema-requests.js';
import { show } from './suggest.js';

const file = (description: string) =>
  text('the path of a file', `${description} A path from the scenario's folder on.`, 4000);

/** How a connection is made: of a target, and of a probe that asks somewhere else. */
export const connectionKeys = {
  protocol: choice(
    ['http/1.1', 'h2'],
    'What is spoken; `http/1.1` without it. `h2` over `http:` begins at once, by prior knowledge.',
  ).optional(),
  tls: mapping('`{ ca, servername, cert, key }`', {
    ca: file('Certificates (PEM) that are trusted in place of those of the system.').optional(),
    servername: text(
      'a host name',
      "Name for SNI and for the check of the certificate, in place of the URL's.",
      253,
    ).optional(),
    cert: file('Certificate (PEM) that the harness shows of itself.').optional(),
    key: file('Its private key (PEM, without a passphrase).').optional(),
  })
    .optional()
    .meta({ description: 'For `https:`. Certificates are always checked.' }),
  resolve: text(
    'an IP address such as `10.0.0.7`',
    'Address to connect to; the name of the URL is then not looked up. Proxies of the environment are never used.',
    100,
  ).optional(),
  socket: text(
    'the path of a Unix socket',
    "Unix socket to connect to in place of any address; relative to the scenario's folder.",
    4000,
  ).optional(),
};

const targetShape = {
  url: text(
    'a URL such as `http://127.0.0.1:8080`',
    'Where the traffic goes. A path in it is put before every path of the mix. Proxies of the environment are never used.',
  ),
  ...connectionKeys,
  headers: headers.optional(),
  timeout: duration(BOUNDS.requestTimeout, 'Time a request may take, to its last byte; 5s without it.').optional(),
  version: mapping('`{ header: NAME }`, `{ json: PATH }` or `{ body: REGEXP }`', {
    ...versionPlace,
    changes: flag(
      'Whether the release must change the version and the rollback bring it back; true without it.',
    ).optional(),
  })
    .optional()
    .meta({ description: 'How the version of the release that answered is read.' }),
  allowWrites: flag('Permits flows that write to a target that is neither loopback nor private.').optional(),
};

export const target = mapping('a mapping with `url`', targetShape).meta({ description: 'The app under test.' });

export const targets = z
  .record(z.string(), mapping('a mapping with `url`', targetShape), {
    error: ({ input }) => `expected a mapping of names to targets, got ${show(input)}`,
  })
  .meta({
    description:
      'Several services in place of `target`, by name. The first is the main one: `version` and `timeout` stand there, and flows and checks that name no target go to it.',
  });
