import { linked, mapping, name, script } from './options.js';
import { type LinkMeans, linkWatchers, releaseSteps, rollbackSteps } from './release-link.js';
import { strategy } from './strategy.js';

const options = mapping('`{ root, release, unit }`', {
  ...linked,
  unit: name('the name of a unit such as `gunicorn.service`', 'The unit that is reloaded.'),
  systemctl: script('How systemctl is called, for example `sudo -n systemctl`; `systemctl` without it.').optional(),
}).meta({ description: 'Immutable releases, the link `current`, and `systemctl reload`.' });

const INSPECT = `systemctl_() { eval "$SYSTEMCTL" '"$@"'; }
systemctl_ is-active --quiet "$UNIT" || fail "$UNIT is not active"
[ "$(systemctl_ show --property=CanReload --value "$UNIT")" = yes ] || fail "$UNIT cannot be reloaded: it has no ExecReload"`;

const RELOAD = `systemctl_() { eval "$SYSTEMCTL" '"$@"'; }
systemctl_ reload "$UNIT"`;

/** A broken release may have ended the app: then it is started. */
const RELOAD_BACK = `systemctl_() { eval "$SYSTEMCTL" '"$@"'; }
systemctl_ reset-failed "$UNIT" 2>/dev/null || true
systemctl_ reload-or-restart "$UNIT"`;

export const systemdReload = strategy({
  name: 'systemd-reload',
  summary: 'immutable releases, the `current` link, `systemctl reload`',
  options,
  expand: (given, around) => {
    const own: LinkMeans = {
      env: { UNIT: given.unit, SYSTEMCTL: given.systemctl ?? 'systemctl' },
      inspect: INSPECT,
      title: 'systemd reloads the unit, as its ExecReload says.',
      reload: RELOAD,
      reloadBack: RELOAD_BACK,
      consecutive: 20,
    };
    return {
      steps: releaseSteps(given, own, around),
      rollback: rollbackSteps(given, own, around),
      // With a systemctl of one's own the unit is not this machine's.
      watch: [
        ...linkWatchers(given),
        ...(given.systemctl === undefined || given.systemctl.startsWith('sudo ')
          ? [{ systemd: [given.unit], ...(given.on === undefined ? {} : { on: given.on }) }]
          : []),
      ],
      thresholds: {},
    };
  },
  preset: {
    vars: { ROOT: '${ROOT:-/srv/shop}' },
    options: `# releases/ and the link \`current\` are in root; the unit has ExecReload and starts the app out of \`current\`.
root: "\${ROOT}"
release: "\${RELEASE}"
unit: gunicorn.service
systemctl: sudo -n systemctl # a user of the deploy alone may reload this unit
build: ./deploy/build.sh # makes $RELEASE_DIR, complete or not at all
check: gunicorn --check-config shop:app # in the new release: a broken one never becomes live
migrate: alembic upgrade head # expand only: the old release works on the new schema
ready: /healthz`,
  },
});
