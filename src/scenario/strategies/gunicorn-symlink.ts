import { file, linked, mapping, script } from './options.js';
import { type LinkMeans, linkWatchers, releaseSteps, rollbackSteps } from './release-link.js';
import { strategy } from './strategy.js';

const options = mapping('`{ root, release, pidfile }`', {
  ...linked,
  pidfile: file('the path of a file', "The file with the id of gunicorn's master (`gunicorn --pid`)."),
  start: script('Starts gunicorn where a broken release has ended it: in the rollback alone.').optional(),
}).meta({
  description: 'Immutable releases, the link `current`, and HUP to gunicorn, whose workers start out of the link.',
});

const FIND_MASTER = `# The id may be an old one that another process has by now.
master() {
  pid=$(cat "$PIDFILE" 2>/dev/null) && grep -qsa gunicorn "/proc/$pid/cmdline"
}`;

const MASTER_RUNS = `${FIND_MASTER}
master || fail "no gunicorn with the id in $PIDFILE: is it running, and with --pid?"`;

const RELOAD = `${MASTER_RUNS}
kill -HUP "$pid"
echo "HUP to gunicorn ($pid)"`;

/** Workers that cannot start end the master: then there is nothing to reload. */
const RELOAD_BACK = `${FIND_MASTER}
if master; then
  kill -HUP "$pid"
  echo "HUP to gunicorn ($pid)"
elif [ -n "$START" ]; then
  echo "gunicorn is gone; starting it"
  (eval "$START")
else
  fail "gunicorn is gone, and the strategy has no \\\`start\\\`"
fi`;

function means(pidfile: string, start: string): LinkMeans {
  return {
    env: { PIDFILE: pidfile, START: start },
    inspect: MASTER_RUNS,
    title: 'HUP: the master starts workers out of the link, and lets the old ones finish.',
    reload: RELOAD,
    reloadBack: RELOAD_BACK,
    // Old workers answer until each has finished.
    consecutive: 20,
  };
}

export const gunicornSymlink = strategy({
  name: 'gunicorn-symlink',
  summary: 'immutable releases, the `current` link, HUP to gunicorn',
  options,
  expand: (given, around) => {
    const own = means(given.pidfile, given.start ?? '');
    return {
      steps: releaseSteps(given, own, around),
      rollback: rollbackSteps(given, own, around),
      watch: [
        ...linkWatchers(given),
        { processes: { pidfile: given.pidfile }, ...(given.on === undefined ? {} : { on: given.on }) },
      ],
      thresholds: {},
    };
  },
  preset: {
    vars: { ROOT: '${ROOT:-/srv/shop}' },
    options: `# releases/ and the link \`current\` are in root; gunicorn was started with --chdir ROOT/current --pid PIDFILE.
root: "\${ROOT}"
release: "\${RELEASE}"
pidfile: /run/gunicorn/gunicorn.pid
build: ./deploy/build.sh # makes $RELEASE_DIR, complete or not at all
check: gunicorn --check-config shop:app # in the new release: a broken one never becomes live
migrate: alembic upgrade head # expand only: the old release works on the new schema
start: systemctl start gunicorn # in the rollback, should a broken release have ended gunicorn
ready: /healthz
# log: /var/log/gunicorn/error.log`,
  },
});
