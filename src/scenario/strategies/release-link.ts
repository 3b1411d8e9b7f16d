import { gate } from './gate.js';
import type { Logs, Ready } from './options.js';
import { shell } from './shell.js';
import type { StepText, Surroundings } from './strategy.js';

/** Options of a strategy that points `current` to one of `releases/`. */
export interface LinkOptions {
  root: string;
  release: string;
  build?: string | undefined;
  check?: string | undefined;
  migrate?: string | undefined;
  ready?: Ready;
  log?: Logs;
  hold?: string | undefined;
  on?: string | undefined;
}

/** What each of these strategies does in its own way. Shell; `env` says what it finds in its environment. */
export interface LinkMeans {
  env: Record<string, string>;
  /** Fails where the app does not run in a way that a reload can work. */
  inspect: string;
  /** What the reload is, in a sentence. */
  title: string;
  reload: string;
  /** After the link points back: also from a release that has ended the app. */
  reloadBack: string;
  /** Answers in a row that say that no old process answers any more. */
  consecutive: number;
}

/** The steps from the build to the reload. */
export function releaseSteps(options: LinkOptions, means: LinkMeans, around: Surroundings): StepText[] {
  const { build, check, migrate, release, ready, hold } = options;
  const { env, script, on } = placed(options, means);
  const folder = env.RELEASE_DIR;
  return [
    ...(build === undefined ? [] : [{ name: 'build', kind: 'build' as const, run: build, env, ...on }]),
    ...(check === undefined ? [] : [{ name: 'check', kind: 'build' as const, run: check, cwd: folder, env, ...on }]),
    {
      name: 'record',
      kind: 'build',
      ...script(
        'The release is there, another one is live, and that one is noted for the way back.',
        means.inspect,
        RECORD,
      ),
      ...on,
    },
    ...(migrate === undefined
      ? []
      : [{ name: 'migrate', kind: 'migrate' as const, run: migrate, cwd: folder, env, ...on }]),
    {
      name: 'switch',
      kind: 'switch',
      ...script(
        'The link, by a rename: at no instant is there none, as there is with ln -sfn.',
        POINT,
        'point_to "releases/$RELEASE"',
      ),
      hold: '0s',
      ...on,
    },
    {
      name: 'reload',
      kind: 'reload',
      ...script(means.title, means.reload),
      ready: gate({ ready, around, release, consecutive: means.consecutive }),
      ...(hold === undefined ? {} : { hold }),
      ...on,
    },
  ];
}

/** The link back, and the same reload. Nothing is built, and the schema stays as it is. */
export function rollbackSteps(options: LinkOptions, means: LinkMeans, around: Surroundings): StepText[] {
  const { ready, hold } = options;
  const { own, on } = placed(options, means);
  return [
    {
      name: 'rollback',
      kind: 'rollback',
      ...shell(own, `The link back. ${means.title}`, POINT, BACK, means.reloadBack),
      ready: gate({ ready, around, release: null, consecutive: means.consecutive }),
      ...(hold === undefined ? {} : { hold }),
      ...on,
    },
  ];
}

/** The link, and the logs that the user has named. */
export function linkWatchers({ root, log, on }: LinkOptions): Record<string, unknown>[] {
  const place = on === undefined ? {} : { on };
  return [{ link: `${root}/current`, ...place }, ...logWatchers(log, on)];
}

export function logWatchers(log: Logs, on?: string | undefined): Record<string, unknown>[] {
  const place = on === undefined ? {} : { on };
  return [log ?? []].flat().map((each) => ({ log: each, ...place }));
}

/** What the user's own scripts find in their environment, and what ours may use. */
function placed({ root, release, on }: LinkOptions, means: LinkMeans) {
  const env = { ROOT: root, RELEASE: release, RELEASE_DIR: `${root}/releases/${release}` };
  const own = { ROOT: root, ...means.env };
  const script = (title: string, ...parts: string[]) => {
    const { run, env: spoken } = shell(own, title, ...parts);
    return { run, env: { ...env, ...spoken } };
  };
  return { env, own, script, on: on === undefined ? {} : { on } };
}

const RECORD = `cd "$ROOT"
[ -d "releases/$RELEASE" ] || fail "there is no $ROOT/releases/$RELEASE: the build must have made it"
live=$(readlink current) || fail "$ROOT/current is no link"
[ "\${live##*/}" != "$RELEASE" ] || fail "$RELEASE is live already: there is nothing to release"
ln -s "$live" ".previous-$$"
mv -T ".previous-$$" previous
echo "live: $live"`;

const POINT = `point_to() (
  cd "$ROOT"
  [ -d "$1" ] || fail "there is no release $ROOT/$1"
  ln -s "$1" ".current-$$"
  mv -T ".current-$$" current
  echo "current -> $(readlink current)"
)`;

/** What the reload runs or hands on finds the release that is gone back to. */
const BACK = `previous=$(readlink "$ROOT/previous") || fail "there is no $ROOT/previous"
RELEASE=\${previous##*/}
case $previous in
  /*) RELEASE_DIR=$previous ;;
  *) RELEASE_DIR=$ROOT/$previous ;;
esac
export RELEASE RELEASE_DIR
point_to "$previous"`;
