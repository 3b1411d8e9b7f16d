import { type AppClues, readApp } from './app.js';
import { type CommandClues, readCommands } from './commands.js';
import { type ComposeClues, type KubernetesClues, readCompose, readKubernetes } from './containers.js';
import { type Guess, type Place, type ProjectFile, placeText, readProject } from './folder.js';
import { type HaproxyClues, readHaproxy } from './haproxy.js';
import { type NginxClues, readNginx } from './nginx.js';
import { readServices, type ServiceClues } from './services.js';

/** All that the files of a project say of how it is released. */
export interface Clues {
  nginx: NginxClues | null;
  haproxy: HaproxyClues | null;
  compose: ComposeClues | null;
  kubernetes: KubernetesClues | null;
  services: ServiceClues;
  commands: CommandClues;
  app: AppClues;
}

/** Commands of one's own as the release, in the place of a strategy. */
export interface OwnCommands {
  deploy: Guess;
  rollback: Guess | null;
  /** Whether they read `$RELEASE`. */
  takesRelease: boolean;
}

/** A way to release that the project shows: a strategy by its name, or commands. */
export interface Way {
  name: string;
  /** What shows it. */
  from: Place | null;
  own: OwnCommands | null;
}

/** Where an answer names its release. */
export interface VersionClue {
  in: 'header' | 'json';
  /** A header, or a JSON path. */
  name: string;
  /** What shows it: `nginx.conf:3`, or what a route answered; empty for what the user said. */
  whence: string;
  /** A route that alone says it, and so has to be in the mix; null where those of the mix do. */
  flow: string | null;
}

/** What a scenario says beside the way to release. */
export interface Frame {
  name: string;
  url: Guess | null;
  resolve: Guess | null;
  health: Guess | null;
  version: VersionClue | null;
  routes: Guess[];
}

/** The routes that the traffic asks: those that were found, else the first page. */
export function mixedRoutes({ routes }: Pick<Frame, 'routes'>): string[] {
  return routes.length === 0 ? ['/'] : routes.map(({ value }) => value);
}

/** Ways that are no strategies. */
export const OWN_WAYS = {
  script: 'deploy script',
  compose: 'docker compose',
  kubernetes: 'kubectl',
} as const;

export async function lookInto(root: string): Promise<Clues> {
  return cluesOf(await readProject(root));
}

export function cluesOf(files: readonly ProjectFile[]): Clues {
  return {
    nginx: readNginx(files),
    haproxy: readHaproxy(files),
    compose: readCompose(files),
    kubernetes: readKubernetes(files),
    services: readServices(files),
    commands: readCommands(files),
    app: readApp(files),
  };
}

/** The ways to release that the clues show, the likeliest first: what the team runs itself before what could take its place. */
export function waysOf({ nginx, haproxy, compose, kubernetes, services, commands, app }: Clues): Way[] {
  const { pm2, gunicorn, systemd } = services;
  const ways: (Way | null)[] = [
    commands.deploy && ownWay(OWN_WAYS.script, scriptsOf(commands, app)),
    kubernetes && ownWay(OWN_WAYS.kubernetes, kubectl(kubernetes)),
    compose?.url == null ? null : ownWay(OWN_WAYS.compose, composeUp(compose)),
    pm2 && { name: 'pm2-reload', from: pm2.app.from, own: null },
    systemd?.reloads === true ? { name: 'systemd-reload', from: systemd.unit.from, own: null } : null,
    gunicorn && { name: 'gunicorn-symlink', from: gunicorn.from.from, own: null },
    haproxy === null || haproxy.servers.length < 2
      ? null
      : {
          name:
            haproxy.servers.some(({ disabled }) => disabled) && haproxy.servers.length === 2
              ? 'haproxy-drain'
              : 'rolling',
          from: haproxy.backend.from,
          own: null,
        },
    nginx?.upstream == null
      ? null
      : {
          name: nginx.upstream.active.length > 1 ? 'rolling' : 'nginx-blue-green',
          from: nginx.upstream.file.from,
          own: null,
        },
  ];
  const found = ways.filter((way) => way !== null);
  return found.filter(({ name }, index) => found.findIndex((each) => each.name === name) === index);
}

/** Whether the deploy script is all there is: then it is wrapped as it is. */
export function isScriptAlone(clues: Clues): boolean {
  const ways = waysOf(clues);
  return ways.length === 1 && ways[0]?.name === OWN_WAYS.script && frameOf(clues, ways[0].name, '').url === null;
}

export function frameOf(clues: Clues, way: string, folder: string): Frame {
  const { nginx, haproxy, compose, kubernetes, services, app } = clues;
  const behind = nginx?.url ?? haproxy?.url ?? compose?.url ?? kubernetes?.url ?? null;
  const own = portUrl(services.port ?? services.gunicorn?.port ?? app.port);
  const first = { [OWN_WAYS.kubernetes]: kubernetes?.url ?? null, [OWN_WAYS.compose]: compose?.url ?? null }[way];
  const url = first ?? behind ?? own;
  return {
    name: nameOf(app.name?.value ?? folder),
    url,
    resolve: url !== null && url === nginx?.url ? nginx.resolve : null,
    health: app.health ?? haproxy?.health ?? kubernetes?.health ?? compose?.health ?? nginx?.health ?? null,
    version: inHeader(app.versionHeader ?? nginx?.versionHeader ?? null),
    routes: app.routes,
  };
}

function inHeader(header: Guess | null): VersionClue | null {
  if (header === null) return null;
  return { in: 'header', name: header.value, whence: header.from === null ? '' : placeText(header.from), flow: null };
}

function portUrl(port: Guess<number> | null | undefined): Guess | null {
  return port == null ? null : { value: `http://127.0.0.1:${port.value}`, from: port.from };
}

/** A name as a scenario has it. */
function nameOf(text: string): string {
  return (
    text
      .replace(/^@/, '')
      .replace(/[^\w.-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'shop'
  );
}

function ownWay(name: string, own: OwnCommands): Way {
  return { name, from: own.deploy.from, own };
}

function scriptsOf(
  { deploy, takesRelease, rollback, goesBackTo }: CommandClues,
  { versionHeader }: AppClues,
): OwnCommands {
  const script = deploy as Guess;
  /** With the release before as its argument, where one knows which it was. */
  const withOld = ({ value, from }: Guess): Guess | null =>
    versionHeader === null
      ? null
      : { value: `${value} "\${ZDD_BASELINE_VERSION:?the baseline told no version}"`, from };
  // Without a way back of its own the release before is brought back as it was brought.
  const own = rollback !== null && goesBackTo ? withOld(rollback) : rollback;
  const again = rollback === null && takesRelease ? withOld(script) : null;
  return {
    deploy: takesRelease ? { value: `${script.value} "$RELEASE"`, from: script.from } : script,
    rollback: own ?? again,
    takesRelease,
  };
}

function composeUp({ from, file }: ComposeClues): OwnCommands {
  const compose = `docker compose${file === null ? '' : ` --file '${file}'`}`;
  return {
    deploy: { value: `${compose} up --detach --build --wait`, from },
    rollback: null,
    takesRelease: false,
  };
}

function kubectl({ deployment, namespace, folder, kustomized }: KubernetesClues): OwnCommands {
  const inside = namespace === null ? '' : ` --namespace ${namespace.value}`;
  const it = `deployment/${deployment.value}${inside}`;
  const status = `kubectl rollout status ${it} --timeout=5m`;
  // `undo` alone leads to the revision before the live one also where nothing was applied.
  const revision = `kubectl get ${it} --output jsonpath='{.metadata.annotations.deployment\\.kubernetes\\.io/revision}'`;
  const note = '"$ZDD_RUN/revision"';
  const apply = `kubectl apply${inside} ${kustomized ? '--kustomize' : '--filename'} '${folder}'`;
  return {
    deploy: { value: `${revision} >${note} && ${apply} && ${status}`, from: deployment.from },
    rollback: {
      value: `if [ -s ${note} ]; then kubectl rollout undo ${it} --to-revision="$(cat ${note})" && ${status}; fi`,
      from: deployment.from,
    },
    takesRelease: false,
  };
}
