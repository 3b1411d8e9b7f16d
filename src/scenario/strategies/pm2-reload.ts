import { linked, mapping, name, script } from './options.js';
import { type LinkMeans, linkWatchers, releaseSteps, rollbackSteps } from './release-link.js';
import { strategy } from './strategy.js';

const options = mapping('`{ root, release, app }`', {
  ...linked,
  app: name("the app's name in PM2", 'The app that is reloaded, by its name in PM2.'),
  pm2: script('How PM2 is called, for example `npx pm2`; `pm2` without it.').optional(),
}).meta({ description: 'Immutable releases, the link `current`, and `pm2 reload` in cluster mode.' });

/**
 * `pm2 reload` succeeds even where the new workers died: it says that it acted, not what became of it. So the workers
 * are asked for. `jlist` prints its JSON on one line, below what PM2 has to say besides.
 */
const WORKERS = `pm2_() { eval "$PM2" '"$@"'; }
# workers SINCE: fails where the app has none, or one that is not online or began before SINCE (ms).
workers() {
  pm2_ jlist | node -e '
    const [app, since, current] = process.argv.slice(1);
    const text = require("node:fs").readFileSync(0, "utf8").trim();
    const all = JSON.parse(text.slice(text.lastIndexOf("\\n[") + 1)).filter(({ name }) => name === app);
    const wrong = all.flatMap(({ pm_id: id, pm2_env: env }) => {
      if (env.status !== "online") return [id + " is " + env.status];
      if (env.exec_mode !== "cluster_mode") return [id + " runs in fork mode: a reload would stop and start it"];
      return env.pm_uptime >= Number(since) ? [] : [id + " is still the old one"];
    });
    for (const { pm_id: id, pid, pm2_env: env } of all) console.log("worker", id, env.status, "process", pid);
    const through = all.some(({ pm2_env: env }) => !(env.pm_exec_path + "/" + env.pm_cwd).includes(current));
    if (through) console.log("note: PM2 knows the app by a path that does not lead through " + current);
    if (all.length === 0) wrong.push("PM2 has no app called " + app);
    if (wrong.length > 0) { console.error("workers of " + app + ": " + wrong.join("; ")); process.exit(1); }
  ' "$APP" "$1" "\${ROOT##*/}/current"
}`;

const RELOAD = `${WORKERS}
began=$(date +%s%3N)
pm2_ reload "$APP" --update-env
workers "$began"`;

export const pm2Reload = strategy({
  name: 'pm2-reload',
  summary: 'immutable releases, the `current` link, `pm2 reload` of a cluster',
  options,
  expand: (given, around) => {
    const own: LinkMeans = {
      env: { APP: given.app, PM2: given.pm2 ?? 'pm2' },
      title: 'PM2 replaces worker after worker, and then says what became of them.',
      inspect: `${WORKERS}\nworkers 0`,
      reload: RELOAD,
      reloadBack: RELOAD,
      consecutive: 10,
    };
    return {
      steps: releaseSteps(given, own, around),
      rollback: rollbackSteps(given, own, around),
      watch: linkWatchers(given),
      thresholds: {},
    };
  },
  preset: {
    vars: { ROOT: '${ROOT:-/srv/shop}' },
    options: `# releases/ and the link \`current\` are in root; PM2 starts \`current/server.js\` in cluster mode, with wait_ready, a
# listen_timeout far above the slowest start, and a kill_timeout above the longest request.
root: "\${ROOT}"
release: "\${RELEASE}"
app: shop
pm2: npx pm2
build: ./deploy/build.sh # makes $RELEASE_DIR, complete or not at all
check: node --check server.js # in the new release: a broken one never becomes live
migrate: npx knex migrate:latest # expand only: the old release works on the new schema
ready: /healthz`,
  },
});
