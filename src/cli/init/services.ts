import { filesNamed, firstMatch, type Guess, matches, type ProjectFile } from './folder.js';

/** How the app's processes are kept: what a configuration of PM2, gunicorn or systemd says. */
export interface ServiceClues {
  pm2: { app: Guess; cluster: boolean } | null;
  gunicorn: { app: Guess | null; pidfile: Guess | null; port: Guess<number> | null; from: Guess } | null;
  systemd: { unit: Guess; reloads: boolean } | null;
  /** The folder of `current`, where one of them names it. */
  root: Guess | null;
  port: Guess<number> | null;
}

const PM2 = /(?:^|\/)(?:(?:ecosystem|pm2)[^/]*\.(?:json|[cm]?js|ts|ya?ml)|process\.(?:json|ya?ml))$/;
const GUNICORN = /(?:^|\/)gunicorn[^/]*\.py$/;
const UNIT = /(?:^|\/)[A-Za-z0-9_][A-Za-z0-9_.:@-]*\.service$/;
const NAME = /\bname["']?\s*:\s*["']([A-Za-z0-9_][A-Za-z0-9_.:@-]*)["']/;
const ROOT = /(?:cwd["']?\s*[:=]\s*["']?|chdir\s*[= ]\s*["']?|WorkingDirectory\s*=\s*)(\/[\w./-]+)\/current\b/;

export function readServices(files: readonly ProjectFile[]): ServiceClues {
  const pm2 = filesNamed(files, PM2);
  const units = filesNamed(files, UNIT);
  const starts = [
    ...filesNamed(files, /(?:^|\/)Procfile$/),
    ...units,
    ...filesNamed(files, /\.sh$|(?:^|\/)Dockerfile$/),
  ];
  const app = firstMatch(pm2, NAME);
  const port = firstMatch(pm2, /\bPORT["']?\s*:\s*["']?(\d{2,5})\b/);
  return {
    pm2: app === null ? null : { app, cluster: firstMatch(pm2, /\b(exec_mode["']?\s*:\s*["']cluster)/) !== null },
    gunicorn: gunicornOf(filesNamed(files, GUNICORN), starts),
    systemd: systemdOf(units),
    root: firstMatch([...units, ...pm2, ...filesNamed(files, GUNICORN), ...starts], ROOT),
    port: port === null ? null : { value: Number(port.value), from: port.from },
  };
}

function gunicornOf(configurations: readonly ProjectFile[], starts: readonly ProjectFile[]): ServiceClues['gunicorn'] {
  const command = firstMatch(starts, /(?:^|[\s/=:])(gunicorn)\s/);
  const [configuration] = configurations;
  const from = command ?? (configuration && { value: 'gunicorn', from: { path: configuration.path, line: 1 } });
  if (from === undefined) return null;
  const all = [...configurations, ...starts];
  const port = firstMatch(all, /(?:bind\s*=\s*["']|(?:^|\s)(?:-b|--bind)[ =]["']?)[\w.]*:(\d{2,5})\b/);
  return {
    app: firstMatch(starts, /(?:^|[\s/=:])gunicorn\s(?:.*\s)?([A-Za-z_][\w.]*:[A-Za-z_]\w*)(?:\s|$|["'])/),
    pidfile: firstMatch(all, /(?:pidfile\s*=\s*["']|(?:^|\s)(?:-p|--pid)[ =]["']?|^PIDFile\s*=\s*)(\/[\w./-]+)/),
    port: port === null ? null : { value: Number(port.value), from: port.from },
    from,
  };
}

/** The unit that starts the app: of several the one that can be reloaded. */
function systemdOf(units: readonly ProjectFile[]): ServiceClues['systemd'] {
  const found = units.flatMap((file) => {
    const start = matches(file, /^(ExecStart)\s*=/)[0];
    if (start === undefined) return [];
    const name = file.path.slice(file.path.lastIndexOf('/') + 1);
    const reload = matches(file, /^(ExecReload)\s*=/)[0];
    return [{ unit: { value: name, from: (reload ?? start).from }, reloads: reload !== undefined }];
  });
  return found.find(({ reloads }) => reloads) ?? found[0] ?? null;
}
