// PM2 with a home of its own inside ROOT: its daemon, its sockets and its logs are this run's alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { here, mistake, pm2Home, root } from './layout.mjs';

export const appName = 'shop';
const instances = mistake === 'fork' ? 1 : 2;
const cli = path.join(path.dirname(createRequire(import.meta.url).resolve('pm2/package.json')), 'bin', 'pm2');

export function startCluster() {
  pm2('start', path.join(here, 'ecosystem.config.cjs'));
  mustBeOnline();
}

/** Replaces the workers one after the other: a new one is ready before the old one is told to drain. */
export function reloadCluster() {
  pm2('reload', appName);
  mustBeOnline();
}

/** The mistake of BREAK=restart: between stop and start nobody listens. */
export function restartCluster() {
  pm2('stop', appName);
  pm2('start', appName);
  mustBeOnline();
}

export function killPm2() {
  pm2('kill');
}

// `pm2 reload` succeeds even when the new workers died: it reports that it acted, not what became of it.
function mustBeOnline() {
  const output = pm2Output('jlist');
  const workers = JSON.parse(output.slice(output.lastIndexOf('\n[', output.length - 2) + 1));
  const states = workers.map(({ pm_id: id, pm2_env: env }) => `${id} ${env.status}`);
  console.log(`workers: ${states.join(', ')}`);
  if (workers.filter(({ pm2_env: env }) => env.status === 'online').length === instances) return;
  for (const { pm_id: id, pm2_env: env } of workers)
    console.log(`worker ${id} said last:\n${lastLines(env.pm_err_log_path)}`);
  throw new Error('not all workers are online');
}

function lastLines(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const told = lines.filter((line) => !/^\s+at /.test(line)); // without the frames of stack traces
  return told.slice(-6).join('\n') || '(no words: PM2 loses those of a worker that throws while it is loaded)';
}

function pm2(...args) {
  run(args, 'inherit');
}

function pm2Output(...args) {
  return run(args, 'pipe').stdout.trim();
}

function run(args, stdout) {
  const result = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    env: {
      ...process.env,
      PM2_HOME: pm2Home,
      PM2_DISABLE_VERSION_CHECK: 'true',
      PM2_DISCRETE_MODE: 'true',
      FORCE_COLOR: '0',
    },
    stdio: ['ignore', stdout, 'inherit'],
    encoding: 'utf8',
  });
  if (result.status !== 0)
    throw new Error(
      `pm2 ${args[0]} failed (${result.error?.message ?? result.signal ?? `exit code ${result.status}`})`,
    );
  return result;
}
