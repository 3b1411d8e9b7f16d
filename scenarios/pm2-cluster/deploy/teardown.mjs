// Ends everything that runs out of ROOT, however far the start came, and says so when something had to be forced.
import './fail-plainly.mjs';
import { existsSync } from 'node:fs';
import { current, pm2Home, postgresDir, releaseDir, root } from './layout.mjs';
import { killPm2 } from './pm2.mjs';
import { stopPostgres } from './postgres.mjs';
import { gone, processes, signal } from './processes.mjs';

if (existsSync(root)) {
  const problems = [];
  if (leftovers().some(({ command }) => command.includes(pm2Home))) attempt(problems, killPm2);
  await stopPostgres().catch((error) => problems.push(error.message));
  await endLeftovers(problems);
  for (const problem of problems) console.error(problem);
}
console.log('nothing is left running');

function attempt(problems, action) {
  try {
    action();
  } catch (error) {
    problems.push(error.message);
  }
}

async function endLeftovers(problems) {
  const pids = leftovers().map(({ pid }) => pid);
  if (pids.length === 0 || (await gone(pids, 3_000))) return;
  for (const { pid, command } of leftovers()) {
    problems.push(`had to kill process ${pid}: ${command}`);
    signal(pid, 'SIGKILL');
  }
  if (!(await gone(pids, 5_000)))
    throw new Error(
      `still running: ${leftovers()
        .map(({ pid }) => pid)
        .join(', ')}`,
    );
}

// PM2's daemon, its workers and PostgreSQL all carry one of these paths in their command line, which ROOT makes unique.
// A daemon that is just starting is named later and is known by its environment.
function leftovers() {
  const marks = [pm2Home, current, releaseDir(''), postgresDir];
  return processes().filter(
    ({ pid, command, environment }) =>
      pid !== process.pid &&
      (marks.some((mark) => command.includes(mark)) || environment.includes(`PM2_HOME=${pm2Home}`)),
  );
}
