import { join } from 'node:path/posix';
import type { Guess, Place } from './folder.js';
import type { Clues } from './proposal.js';

/** A value of an option as it stands in YAML; null where the option is to be left out, `''` where it must be given. */
export type OptionText = { yaml: string; from: Place | null; remark?: string } | null;

/** What the clues say of the variables and options of a strategy. */
export interface StrategyGuesses {
  vars: Map<string, { value: string; from: Place | null }>;
  options: Map<string, OptionText>;
}

const IN_THE_RELEASE = new Set(['gunicorn-symlink', 'systemd-reload', 'pm2-reload']);

/** `up` leads from the scenario's folder to that of the project; empty where they are the same. */
export function strategyGuesses(strategy: string, clues: Clues, up: string): StrategyGuesses {
  const { commands, services } = clues;
  const guesses: StrategyGuesses = { vars: new Map(), options: new Map() };
  const { vars, options } = guesses;
  const put = (name: string, guess: Guess | null | undefined, remark?: string): void => {
    if (guess != null)
      options.set(name, { yaml: scalar(guess.value), from: guess.from, ...(remark === undefined ? {} : { remark }) });
  };
  for (const [name, guess] of commands.scripts) put(name, inFolder(guess, up));
  put('migrate', IN_THE_RELEASE.has(strategy) ? commands.migrate : inFolder(commands.migrate, up));
  const ready = clues.app.health ?? clues.haproxy?.health ?? clues.nginx?.health;
  put('ready', ready);
  if (services.root !== null) vars.set('ROOT', services.root);
  const { gunicorn } = services;
  if (strategy === 'gunicorn-symlink') put('pidfile', gunicorn?.pidfile);
  if (strategy === 'systemd-reload') put('unit', services.systemd?.unit);
  if (gunicorn?.app != null && IN_THE_RELEASE.has(strategy) && strategy !== 'pm2-reload')
    put('check', { value: `gunicorn --check-config ${gunicorn.app.value}`, from: gunicorn.app.from });
  if (strategy === 'pm2-reload')
    put('app', services.pm2?.app, services.pm2?.cluster === false ? 'must run with exec_mode cluster' : undefined);
  if (strategy === 'nginx-blue-green') blueGreen(clues, up, put);
  if (strategy === 'haproxy-drain' || strategy === 'rolling' || strategy === 'canary')
    behindHaproxy(strategy, clues, guesses);
  if (strategy === 'rolling' && clues.haproxy === null) behindNginx(clues, options);
  return guesses;
}

type Put = (name: string, guess: Guess | null | undefined, remark?: string) => void;

function blueGreen({ nginx }: Clues, up: string, put: Put): void {
  const upstream = nginx?.upstream;
  if (upstream == null) return;
  const [blue] = upstream.active;
  const [green] = upstream.idle;
  const { value, from } = upstream.file;
  const remark =
    green === undefined ? undefined : `take ${green.value} out of it: the live place alone may stand there`;
  put('config', { value: join(up, value), from }, remark);
  put('blue', blue);
  put('green', green);
}

function behindHaproxy(strategy: string, { haproxy }: Clues, { vars, options }: StrategyGuesses): void {
  if (haproxy === null) return;
  const { socket, backend, servers } = haproxy;
  const from = servers[0]?.from ?? null;
  if (socket !== null) options.set('socket', { yaml: scalar(socket.value), from: socket.from });
  options.set('backend', { yaml: scalar(backend.value), from: backend.from });
  const idle = servers.find(({ disabled }) => disabled) ?? servers[1];
  const live = servers.find((server) => server !== idle);
  if (strategy === 'canary') {
    if (live !== undefined) vars.set('STABLE', { value: live.name, from: live.from });
    if (idle !== undefined) vars.set('CANARY', { value: idle.name, from: idle.from });
    if (idle !== undefined) options.set('url', { yaml: scalar(idle.url), from: idle.from });
    return;
  }
  options.set('servers', { yaml: mapping(servers.map(({ name, url }) => [name, url])), from });
  if (live !== undefined) vars.set('LIVE', { value: live.name, from: live.from });
}

/** Without HAProxy's runtime API the team's own commands take a server out. */
function behindNginx({ nginx }: Clues, options: StrategyGuesses['options']): void {
  const upstream = nginx?.upstream;
  if (upstream == null || upstream.active.length < 2) return;
  const servers = upstream.active.map(({ value }, index): [string, string] => [`app${index + 1}`, `http://${value}`]);
  options.set('servers', { yaml: mapping(servers), from: upstream.file.from });
  options.set('socket', null);
  options.set('backend', null);
  const remark = (way: string): string => `${way}, and \`nginx -s reload\``;
  options.set('out', { yaml: '', from: null, remark: remark('takes $SERVER out of the upstream') });
  options.set('in', { yaml: '', from: null, remark: remark('puts $SERVER back') });
}

function inFolder(guess: Guess | null, up: string): Guess | null {
  return guess === null || up === '' ? guess : { value: `cd ${up} && ${guess.value}`, from: guess.from };
}

function mapping(entries: readonly (readonly [string, string])[]): string {
  return `{ ${entries.map(([name, value]) => `${scalar(name)}: ${JSON.stringify(value)}`).join(', ')} }`;
}

/** A text as YAML has it: plain where nothing in it could be read as something else. */
export function scalar(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  return /^[^'\p{C}]*$/u.test(text) && text.includes('"') ? `'${text}'` : JSON.stringify(text);
}

const PLAIN = /^(?:[A-Za-z]|\.{0,2}\/)(?:[\w ./@=-]*[\w./@=-])?$|^https?:\/\/[\w.-]+(?::\d+)?$/;
/** Words that YAML, in one version or another, takes for no text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
