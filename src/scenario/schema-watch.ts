import { z } from 'zod';
import { LOG_SIDES } from '../model/watch.js';
import { choice, flag, scalar, text } from './leaves.js';
import { headers, list, mapping, pattern, TEXT } from './schema-requests.js';
import { show } from './suggest.js';

export const RESOURCES = ['cpu', 'memory', 'disk', 'oom'] as const;

const regExp = (what: string) => pattern(TEXT(what));

const linePattern = z.union(
  [
    regExp('a regular expression'),
    mapping('`{ match, requestError }`', {
      match: regExp('a regular expression such as `/ 50[234] /`').meta({
        description: 'Lines that match are counted; a group named `id` is the id of the request.',
      }),
      requestError: flag('Whether each such line stands for a request that failed behind the proxy.').optional(),
    }),
  ],
  { error: ({ input }) => `expected a regular expression or \`{ match, requestError }\`, got ${show(input)}` },
);

const SIDE = 'Whose log it is: of a `proxy`, or of the `app` that does the work.';

const ids = z
  .union(
    [
      choice(LOG_SIDES, SIDE),
      mapping('`{ of, match }`', {
        of: choice(LOG_SIDES, SIDE),
        match: regExp('a regular expression such as `/ access /`')
          .optional()
          .meta({ description: 'Lines that stand for one request each; every line with an id without it.' }),
      }),
    ],
    { error: ({ input }) => `expected \`proxy\`, \`app\` or \`{ of, match }\`, got ${show(input)}` },
  )
  .optional()
  .meta({
    description:
      'Which requests `log` names, by the id `zdd-${seq}` that the mix sends as `x-request-id`: those that never arrived, were sent to a second server, or were executed twice.',
  });

const units = (description: string) =>
  list(text('the name of a unit such as `gunicorn.service`', 'A unit.', 256), 'units', 50)
    .optional()
    .meta({ description });

const entry = mapping('a watcher such as `{ link: /srv/shop/current }`', {
  name: text('a name', 'What reports and thresholds call it; what is watched without it.', 100).optional(),
  on: text('the name of a host', 'The host of `hosts` on which it looks; this machine without it.', 100).optional(),
  via: list(text('a word', 'A word of the command.', 1000), 'the words of a command', 50)
    .optional()
    .meta({
      description:
        'A command that runs another one elsewhere, in place of `on`: `[docker, exec, -i, web]`, or a script of yours.',
    }),
  link: text('the path of a symbolic link', 'Where a symbolic link points to.', 4000).optional(),
  processes: mapping('`{ pidfile: PATH }` or `{ match: /REGEXP/ }`', {
    pidfile: text('a path', "The file that holds the main process' id.", 4000).optional(),
    match: regExp('a regular expression such as `/^nginx: worker/`')
      .optional()
      .meta({ description: 'Processes whose command line matches.' }),
  })
    .optional()
    .meta({ description: 'Processes, with all that descend from them: when each began and ended.' }),
  log: text('the path of a log', 'Lines of a log, from the start of the run on, through rotation.', 4000).optional(),
  patterns: z
    .record(z.string(), linePattern, {
      error: ({ input }) => `expected a mapping of names to regular expressions, got ${show(input)}`,
    })
    .optional()
    .meta({
      description:
        'Kinds of lines of `log` or `journal` to look for, beside those that are known (nginx, HAProxy, gunicorn, OOM kills).',
    }),
  ids,
  sockets: list(scalar('an address such as `127.0.0.1:8080`, a port, or the path of a Unix socket'), 'addresses', 50)
    .optional()
    .meta({ description: 'Whether something listens: `127.0.0.1:8080`, a port, or the path of a Unix socket.' }),
  systemd: units('systemd units: their state, main process and restarts.'),
  journal: units('Lines of these units in the journal.'),
  haproxy: text(
    'the path of a socket, or `host:port`',
    "HAProxy's runtime API (`stats socket`): states of servers, sessions, retries.",
    4000,
  ).optional(),
  backends: list(text('the name of a backend', 'A backend.', 200), 'backends', 50)
    .optional()
    .meta({ description: 'Backends of `haproxy` to look at; all without it.' }),
  docker: mapping('`{ containers: [NAME] }`, `{ project: NAME }` or `{ service: NAME }`', {
    containers: list(
      text('the name of a container such as `shop-web-1`', 'A container, or `shop-*`.', 200),
      'names',
      50,
    )
      .optional()
      .meta({ description: 'Containers by their names; `shop-*` stands for all whose name begins so.' }),
    project: text('the name of a Compose project', 'All containers of a Compose project.', 200).optional(),
    service: text(
      'the name of a service',
      'A service of Docker Swarm: its tasks, updates and rollbacks.',
      200,
    ).optional(),
    socket: text(
      'the path of a socket',
      "The engine's Unix socket; that of `DOCKER_HOST`, else `/var/run/docker.sock` without it.",
      4000,
    ).optional(),
  })
    .optional()
    .meta({ description: 'Containers of a Docker engine, or a Swarm service: state, health, ends, rollbacks.' }),
  kubernetes: mapping('`{ deployment: NAME }`', {
    deployment: text(
      'the name of a Deployment',
      'A Deployment: its rollout, its pods, and which of them get requests.',
      253,
    ),
    namespace: text('the name of a namespace', 'Its namespace; that of the context without it.', 63).optional(),
    context: text('the name of a context', 'A context of the kubeconfig; the current one without it.', 253).optional(),
    kubeconfig: text(
      'the path of a kubeconfig',
      'A kubeconfig; `KUBECONFIG`, `~/.kube/config`, or the service account of the pod without it.',
      4000,
    ).optional(),
  })
    .optional()
    .meta({ description: 'A Deployment of Kubernetes: its rollout, its pods, and which of them get requests.' }),
  metric: mapping('`{ prometheus: URL, query }`', {
    prometheus: text('a URL such as `http://127.0.0.1:9090`', 'Where Prometheus answers.'),
    query: text('a query such as `orders_total`', 'PromQL, asked once a second; at most 20 series.'),
    name: text('a name', 'What thresholds call it: `metric{name:orders}`; the query without it.', 100).optional(),
    headers: headers.optional(),
  })
    .optional()
    .meta({ description: 'A query to Prometheus, for thresholds `metric{name:NAME}`.' }),
  queue: mapping('`{ redis: URL, keys }`', {
    redis: text('a URL such as `redis://127.0.0.1:6379/0`', 'Where Redis answers: `redis:` or `rediss:`.'),
    keys: list(text('a key', 'A list, sorted set, set or stream.', 1000), 'keys', 50).meta({
      description: 'Queues: the length of a list, sorted set, set or stream.',
    }),
  })
    .optional()
    .meta({ description: 'The length of queues in Redis.' }),
  postgres: text(
    'a URL such as `${secret:DATABASE_URL}`',
    'A PostgreSQL server: who waits for which lock, connections in use, restarts. It takes one connection.',
  ).optional(),
  resources: list(choice(RESOURCES, 'A resource.'), 'resources', RESOURCES.length)
    .optional()
    .meta({ description: 'Resources of this machine: the share in use, and processes killed for want of memory.' }),
  disk: text(
    'a path',
    "A path on the disk that `resources: [disk]` is about; the scenario's folder without it.",
    4000,
  ).optional(),
}).meta({
  description:
    'One watcher: `link`, `processes`, `log`, `sockets`, `systemd`, `journal`, `haproxy`, `docker`, `kubernetes`, `metric`, `queue`, `postgres` or `resources`.',
});

/** Evidence beside the traffic, on the same time axis. */
export const watch = list(entry, 'watchers such as `{ link: /srv/shop/current }`', 50).meta({
  description: 'What is watched while the release runs: it sends nothing to the target and changes nothing.',
});
