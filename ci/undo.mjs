#!/usr/bin/env node
// undo.mjs PARENT SCENARIO [ARGUMENT...]: undoes what the latest run in PARENT left half way when it was killed, with the
// scenario's own rollback. Does nothing, and ends in 0, after a run that ended by itself. Further arguments (`--set ...`)
// go to `zdd-verify run`.
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHalfWay, latestRun, livingProcess, mainFile, resultsOf } from './runs.mjs';

const [parent, scenario, ...rest] = process.argv.slice(2);
process.exitCode = await undo();

async function undo() {
  if (parent === undefined) return said('usage: undo.mjs PARENT SCENARIO [ARGUMENT...]', 2);
  const dir = latestRun(parent);
  if (dir === null) return said('nothing was run, so there is nothing to undo', 0);
  const pid = livingProcess(dir);
  if (pid !== null)
    return said(`the run in ${dir} is still going on, as process ${pid}: nothing is undone beside it`, 1);
  const results = resultsOf(dir);
  if (results === null) return said(`the record in ${dir} cannot be read: look after the release by hand`, 1);
  if (!isHalfWay(dir, results)) return said('the run left nothing half way', 0);
  // What came after it is none of its business.
  const note = join(dir, 'undone');
  if (existsSync(note)) return said(`what the run in ${dir} left half way was undone already`, 0);
  if (!scenario)
    return said('the run was killed half way, and without a scenario there is no rollback to run: act by hand', 95);
  said(`the run in ${dir} was killed half way: rolling back`, 0);
  const out = join(parent, 'rollback');
  const argv = ['run', '--out', out, scenario, ...rest, '--only', 'rollback', '--resume', dir];
  const before = latestRun(out);
  const exitCode = await ended(spawn(process.execPath, [mainFile(), ...argv], { stdio: 'inherit' }));
  // A rollback proves nothing about users, which is no fault of it: what counts is that it was done.
  const undone = latestRun(out);
  if (undone !== null && undone !== before && resultsOf(undone)?.release === 'rolled-back') {
    writeFileSync(note, `${undone}\n`);
    return said('rolled back', 0);
  }
  return said('the rollback failed: act by hand', exitCode === 0 ? 95 : exitCode);
}

/** Signals are passed on: a rollback that is cut short has to be reported as one. */
function ended(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(said(`zdd-verify cannot be started: ${error.message}`, 1)));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function said(text, exitCode) {
  process.stderr.write(`zdd-verify undo: ${text}\n`);
  return exitCode;
}
