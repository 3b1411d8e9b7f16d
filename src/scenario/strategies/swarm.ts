import { parseDuration } from '../../model/units.js';
import { gate } from './gate.js';
import { BOUNDS, choice, common, duration, file, flag, image, mapping, name } from './options.js';
import { logWatchers } from './release-link.js';
import { shell } from './shell.js';
import { strategy } from './strategy.js';

const DEFAULTS = { order: 'start-first', monitor: '5s', within: '5m' } as const;

const options = mapping('`{ service, image, release }`', {
  ...common,
  service: name('the name of a service', 'The service that is updated.'),
  image,
  host: file(
    'an address such as `unix:///var/run/docker.sock` or `ssh://deploy@manager`',
    "A manager of the swarm, as in DOCKER_HOST; the environment's own without it.",
  ).optional(),
  order: choice(
    ['start-first', 'stop-first'],
    'Whether a new task is healthy before the old one ends, there and back; start-first without it.',
  ).optional(),
  monitor: duration(
    BOUNDS.stepTimeout,
    'How long Swarm watches each task after it came up: one that fails in that time takes the release back; 5s without it.',
  ).optional(),
  within: duration(BOUNDS.stepTimeout, 'How long Swarm may take until it has converged; 5m without it.').optional(),
  registryAuth: flag('Passes the login for the registry on to the nodes: `--with-registry-auth`.').optional(),
  resolveImage: flag('False for images that no registry has: `--no-resolve-image`.').optional(),
}).meta({ description: 'A service of Docker Swarm: `docker service update`, and Swarm itself takes a failure back.' });

type Options = Parameters<Parameters<typeof strategy<typeof options>>[0]['expand']>[0];

export const swarm = strategy({
  name: 'swarm',
  summary: '`docker service update` of Docker Swarm, start-first, until it has converged',
  options,
  expand: (given, around) => {
    const { build, migrate, release, ready, hold } = given;
    const held = hold === undefined ? {} : { hold };
    const docker = given.host === undefined ? {} : { DOCKER_HOST: given.host };
    const env = { RELEASE: release, IMAGE: given.image, ...docker };
    const script = (title: string, ...parts: string[]) => {
      const { run, env: spoken } = shell(valuesOf(given), title, ...parts);
      return { run, env: { ...spoken, ...docker } };
    };
    // The script's own limit comes first: it knows what is missing.
    const timeout = `${Math.min(secondsOf(given.within) + 30, BOUNDS.stepTimeout.max / 1000)}s`;
    return {
      steps: [
        ...(build === undefined ? [] : [{ name: 'build', kind: 'build' as const, run: build, env }]),
        {
          name: 'record',
          kind: 'build',
          ...script('The service runs another image, and that one is noted for the way back.', SERVICE, RECORD),
        },
        ...(migrate === undefined ? [] : [{ name: 'migrate', kind: 'migrate' as const, run: migrate, env }]),
        {
          name: 'update',
          kind: 'switch',
          ...script('Swarm is told; it does the rest by itself.', UPDATE, updateCommand(given)),
          hold: '0s',
        },
        {
          name: 'converge',
          kind: 'switch',
          ...script('Until Swarm has replaced every task, or taken the release back.', SERVICE, SETTLE, CONVERGE),
          timeout,
          ready: gate({ ready, around, release, consecutive: 20 }),
          ...held,
        },
      ],
      rollback: [
        {
          name: 'rollback',
          kind: 'rollback',
          ...script('Back to the image before, unless Swarm has done it already.', SERVICE, SETTLE, BACK),
          timeout,
          ready: gate({ ready, around, release: null, consecutive: 20 }),
          ...held,
        },
      ],
      watch: [...serviceWatchers(given), ...logWatchers(given.log)],
      thresholds: {},
    };
  },
  preset: {
    vars: {},
    options: `# The image has a HEALTHCHECK, and the app goes on answering for some seconds after SIGTERM, until the proxy knows.
service: shop
image: "registry.example/shop:\${RELEASE}"
release: "\${RELEASE}"
host: ssh://deploy@manager # as in DOCKER_HOST; leave it out for the engine of this machine
build: ./deploy/build.sh # makes $IMAGE, and pushes it where every node gets it
migrate: ./deploy/migrate.sh # expand only: both releases run on the new schema, side by side
registryAuth: true
within: 5m
ready: /healthz`,
  },
});

/** Tasks, updates and rollbacks, where the engine is reached by a socket of this machine. */
function serviceWatchers({ service, host }: Options): Record<string, unknown>[] {
  if (host === undefined) return [{ docker: { service } }];
  const socket = /^unix:\/\/(\/.+)$/.exec(host)?.[1];
  return socket === undefined ? [] : [{ docker: { service, socket } }];
}

function valuesOf({ service, image, order, monitor, within }: Options): Record<string, string> {
  return {
    SERVICE: service,
    IMAGE: image,
    ORDER: order ?? DEFAULTS.order,
    MONITOR: monitor ?? DEFAULTS.monitor,
    WITHIN: String(secondsOf(within)),
  };
}

function secondsOf(within: string | undefined): number {
  return Math.ceil((parseDuration(within ?? DEFAULTS.within) ?? 0) / 1000);
}

const SERVICE = `of() { docker service inspect --format "$1" "$SERVICE"; }
image() { of '{{.Spec.TaskTemplate.ContainerSpec.Image}}'; }
status() { of '{{with .UpdateStatus}}{{.State}}: {{.Message}}{{end}}'; }`;

const RECORD = `before=$(image)
case $before in
  "$IMAGE" | "$IMAGE"@*) fail "$SERVICE runs $IMAGE already: there is nothing to release" ;;
esac
case $(status) in
  updating:* | rollback_started:*) fail "$SERVICE is being updated: $(status)" ;;
esac
printf '%s\\n' "$before" >"$ZDD_RUN/swarm"
echo "$SERVICE runs $before"`;

/**
 * A rollback follows the settings of the state it goes back to, not those that came with the update. Settings alone
 * replace no task.
 */
const UPDATE = `docker service update --quiet --detach --update-order "$ORDER" --update-failure-action rollback \\
  --update-monitor "$MONITOR" --rollback-order "$ORDER" "$SERVICE"`;

function updateCommand({ registryAuth, resolveImage }: Options): string {
  const flags = [
    ...(String(registryAuth) === 'true' ? ['--with-registry-auth'] : []),
    ...(String(resolveImage) === 'false' ? ['--no-resolve-image'] : []),
  ];
  return ['docker service update --quiet --detach', ...flags, '--image "$IMAGE" "$SERVICE"'].join(' ');
}

/** `docker service update` would wait, too, but for ever, and succeeds where Swarm has taken the release back. */
const SETTLE = `tasks() { docker service ps --no-trunc --format '{{.DesiredState}} {{.CurrentState}} {{.Name}} {{.Image}} {{.Error}}' "$SERVICE"; }
# settle STATE...: until UpdateStatus is one of them (none: there is none), and every task that is wanted runs.
settle() {
  end=$(($(date +%s) + WITHIN))
  told=
  while :; do
    now=$(status) || fail "the state of $SERVICE cannot be read"
    list=$(tasks) || fail "the tasks of $SERVICE cannot be read"
    state=\${now%%:*}
    [ "$now" = "$told" ] || echo "UpdateStatus \${now:-none}"
    told=$now
    case " $* " in
      *" \${state:-none} "*)
        open=$(echo "$list" | awk '$1 !~ /^(Shutdown|Remove)$/ && $2 != "Running"')
        [ -n "$open" ] || return 0
        ;;
    esac
    case $state in
      paused | rollback_paused | rollback_completed)
        case " $* " in *" $state "*) ;; *) return 1 ;; esac
        ;;
    esac
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "$list"
      fail "$SERVICE has not converged within $WITHIN s: UpdateStatus \${now:-none}"
    fi
    sleep 0.5
  done
}`;

const CONVERGE = `if settle completed; then
  echo "$SERVICE has converged: $(image)"
else
  echo "$list"
  case $state in
    rollback_completed) fail "UpdateStatus rollback_completed: Swarm took $IMAGE back by itself, $SERVICE runs $(image)" ;;
    *) fail "UpdateStatus $now" ;;
  esac
fi`;

/** Another \`docker service rollback\` would bring the release back. */
const BACK = `undone() {
  if [ -e "$ZDD_RUN/swarm" ]; then
    [ "$(image)" = "$(cat "$ZDD_RUN/swarm")" ]
  else
    case $(status) in rollback_*) ;; *) return 1 ;; esac
  fi
}
if undone; then
  echo "nothing to take back: $SERVICE has $(image) already"
  settle none completed rollback_completed || fail "UpdateStatus $now"
else
  docker service rollback --quiet --detach "$SERVICE"
  settle rollback_completed || fail "UpdateStatus $now"
fi
echo "$SERVICE runs $(image)"`;
