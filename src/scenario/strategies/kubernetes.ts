import { parseDuration } from '../../model/units.js';
import { gate } from './gate.js';
import { BOUNDS, common, duration, file, formed, image, mapping } from './options.js';
import { logWatchers } from './release-link.js';
import { shell } from './shell.js';
import { strategy } from './strategy.js';

const WITHIN = '5m';

const objectName = (what: string, description: string) =>
  formed(/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, `the name of ${what} such as \`shop\``, description);

const options = mapping('`{ deployment, container, image, release }`', {
  ...common,
  deployment: objectName('a Deployment', 'The Deployment that is released.'),
  container: objectName('a container', 'The container of its pods that runs the app.'),
  image,
  namespace: objectName('a namespace', "The Deployment's namespace; that of the context without it.").optional(),
  context: file('the name of a context', 'The context of the kubeconfig; the current one without it.').optional(),
  kubeconfig: file(
    'a path',
    "The kubeconfig; kubectl's own, `$KUBECONFIG` or `~/.kube/config`, without it.",
  ).optional(),
  within: duration(
    BOUNDS.stepTimeout,
    'How long a rollout may take; 5m without it. `progressDeadlineSeconds` of the Deployment can end it before.',
  ).optional(),
}).meta({ description: 'A Deployment of Kubernetes: `kubectl set image`, `rollout status`, `rollout undo`.' });

type Options = Parameters<Parameters<typeof strategy<typeof options>>[0]['expand']>[0];

export const kubernetes = strategy({
  name: 'kubernetes',
  summary: 'a Deployment of Kubernetes: `set image`, `rollout status`, and `rollout undo` to the revision before',
  options,
  expand: (given, around) => {
    const { build, migrate, release, image, ready, hold } = given;
    const held = hold === undefined ? {} : { hold };
    const kubeconfig = given.kubeconfig === undefined ? {} : { KUBECONFIG: given.kubeconfig };
    const env = { RELEASE: release, IMAGE: image, ...kubeconfig };
    const script = (title: string, ...parts: string[]) => {
      const { run, env: spoken } = shell(valuesOf(given), title, KUBECTL, ...parts);
      return { run, env: { ...spoken, ...kubeconfig } };
    };
    // kubectl's own limit comes first: it says what is missing.
    const timeout = `${Math.min(secondsOf(given.within) + 60, BOUNDS.stepTimeout.max / 1000)}s`;
    return {
      steps: [
        ...(build === undefined ? [] : [{ name: 'build', kind: 'build' as const, run: build, env }]),
        {
          name: 'record',
          kind: 'build',
          ...script('Another image is live, and its revision is noted for the way back.', LIVE, RECORD),
          timeout: '2m',
        },
        ...(migrate === undefined ? [] : [{ name: 'migrate', kind: 'migrate' as const, run: migrate, env }]),
        {
          name: 'rollout',
          kind: 'switch',
          ...script('Pods are replaced as the Deployment says, until all of them are available.', ROLLOUT),
          timeout,
          ready: gate({ ready, around, release, consecutive: 20 }),
          ...held,
        },
      ],
      rollback: [
        {
          name: 'rollback',
          kind: 'rollback',
          ...script('Back to the revision that was live before the release, whatever came after it.', LIVE, BACK),
          timeout,
          ready: gate({ ready, around, release: null, consecutive: 20 }),
          ...held,
        },
      ],
      watch: [deploymentWatcher(given), ...logWatchers(given.log)],
      thresholds: {},
    };
  },
  preset: {
    vars: {},
    options: `# The Deployment has a readinessProbe, a preStop that waits until endpoints have propagated, and maxUnavailable 0.
deployment: shop
container: shop
namespace: production
context: production # of the kubeconfig; leave it out for the current one
image: "registry.example/shop:\${RELEASE}"
release: "\${RELEASE}"
build: ./deploy/build.sh # makes $IMAGE, and pushes it where every node gets it
migrate: ./deploy/migrate.sh # expand only: both releases run on the new schema, side by side
within: 5m
ready: /healthz`,
  },
});

/** Rollout, pods and endpoints. */
function deploymentWatcher({ deployment, namespace, context, kubeconfig }: Options): Record<string, unknown> {
  const place = Object.entries({ namespace, context, kubeconfig }).filter(([, value]) => value !== undefined);
  return { kubernetes: { deployment, ...Object.fromEntries(place) } };
}

function valuesOf(given: Options): Record<string, string> {
  const { deployment, container, image, namespace, context } = given;
  return {
    DEPLOYMENT: deployment,
    CONTAINER: container,
    IMAGE: image,
    // Empty where they are not given: what the environment has under these names is not meant.
    KUBE_NAMESPACE: namespace ?? '',
    KUBE_CONTEXT: context ?? '',
    WITHIN: `${secondsOf(given.within)}s`,
  };
}

function secondsOf(within: string | undefined): number {
  return Math.ceil((parseDuration(within ?? WITHIN) ?? 0) / 1000);
}

const KUBECTL = `kubectl_() {
  kubectl \${KUBE_CONTEXT:+--context "$KUBE_CONTEXT"} \${KUBE_NAMESPACE:+--namespace "$KUBE_NAMESPACE"} "$@"
}
of() { kubectl_ get "$1" --request-timeout 20s -o "jsonpath={$2}"; }`;

/** A revision gets a new number when it is gone back to; its ReplicaSet keeps its name. */
const LIVE = `REVISION='.metadata.annotations.deployment\\.kubernetes\\.io/revision'
revision() { of "$1" "$REVISION"; }
image() { of "deployment/$DEPLOYMENT" ".spec.template.spec.containers[?(@.name==\\"$CONTAINER\\")].image"; }
replicaset() {
  kubectl_ get replicasets --request-timeout 20s --no-headers -o "custom-columns=OF:.metadata.ownerReferences[0].name,REVISION:$REVISION,NAME:.metadata.name" |
    awk -v revision="$1" '$1 == ENVIRON["DEPLOYMENT"] && $2 == revision { print $3 }'
}`;

const RECORD = `live=$(image)
[ -n "$live" ] || fail "deployment $DEPLOYMENT has no container $CONTAINER"
[ "$live" != "$IMAGE" ] || fail "$DEPLOYMENT runs $IMAGE already: there is nothing to release"
[ "$(of "deployment/$DEPLOYMENT" .spec.paused)" != true ] || fail "$DEPLOYMENT is paused: kubectl rollout resume"
[ "$(of "deployment/$DEPLOYMENT" .spec.revisionHistoryLimit)" != 0 ] ||
  fail "$DEPLOYMENT keeps no revision to go back to: revisionHistoryLimit is 0"
kubectl_ rollout status "deployment/$DEPLOYMENT" --timeout 60s || fail "an earlier rollout of $DEPLOYMENT is not complete"
number=$(revision "deployment/$DEPLOYMENT")
before=$(replicaset "$number")
[ -n "$before" ] || fail "revision $number of $DEPLOYMENT has no ReplicaSet"
printf '%s\\n' "$before" >"$ZDD_RUN/kubernetes"
echo "$DEPLOYMENT runs $live, revision $number ($before)"`;

const ROLLOUT = `kubectl_ set image "deployment/$DEPLOYMENT" "$CONTAINER=$IMAGE"
kubectl_ rollout status "deployment/$DEPLOYMENT" --timeout "$WITHIN"`;

/** Without the note another run is undone, or nothing was released: then what runs decides. */
const BACK = `if [ -e "$ZDD_RUN/kubernetes" ]; then
  before=$(cat "$ZDD_RUN/kubernetes")
  number=$(revision "replicaset/$before")
  [ -n "$number" ] || fail "$before, which was live before, is gone"
  # The number changes only once the controller has seen the new image.
  if [ "$(image)" != "$IMAGE" ] && [ "$number" = "$(revision "deployment/$DEPLOYMENT")" ]; then
    echo "nothing to take back: $DEPLOYMENT runs revision $number ($before) already"
  else
    kubectl_ rollout undo "deployment/$DEPLOYMENT" --to-revision "$number"
  fi
elif [ "$(image)" = "$IMAGE" ]; then
  kubectl_ rollout undo "deployment/$DEPLOYMENT"
else
  echo "nothing to take back: $DEPLOYMENT does not run $IMAGE"
fi
kubectl_ rollout status "deployment/$DEPLOYMENT" --timeout "$WITHIN"`;
