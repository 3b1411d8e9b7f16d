/**
 * `npm run migrations:measure [-- CASE...]`: runs each migration on real servers under the queries of the release that
 * it meets, and writes to labels.json what that did to them. Exits 1 where a label is not what its author meant.
 * `psql` has to be on the PATH.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { type Case, MAJORS, type Major, readCases } from './cases.ts';
import { type Attempt, isTelling, isUndecided, reasons } from './decide.ts';
import { LABELS, type Label, type Labels, readLabels } from './labels.ts';
import { observe } from './observe.ts';
import { programsOf } from './programs.ts';
import { connect, type Server, startServer } from './servers.ts';

const SMALL = 5_000;
const ATTEMPTS = 10;

const only = process.argv.slice(2);
const cases = readCases(only);
const labels: Labels =
  only.length > 0 && existsSync(LABELS) ? readLabels() : { measured: '', servers: { '15': '', '18': '' }, cases: {} };
labels.measured = new Date().toISOString().slice(0, 10);
let wrong = 0;
for (const major of MAJORS) {
  const bin = await programsOf(major);
  const server = await startServer(bin);
  try {
    if (server.version.split('.')[0] !== major) throw new Error(`${bin} is PostgreSQL ${server.version}`);
    labels.servers[major] = server.version;
    await makeRole(server);
    for (const one of cases) {
      await measure(server, major, one);
      writeLabels();
    }
  } finally {
    await server.stop();
  }
}
process.exitCode = wrong === 0 ? 0 : 1;

async function measure(server: Server, major: Major, one: Case): Promise<void> {
  const start = performance.now();
  let label: Label;
  try {
    label = await labelOf(server, one);
  } catch (error) {
    wrong += 1;
    process.stdout.write(`${major}  ${one.name}: NOT MEASURED: ${(error as Error).message}\n`);
    return;
  }
  labels.cases[one.name] = { ...labels.cases[one.name], [major]: label } as Record<Major, Label>;
  const isAsMeant = label.unsafe === one.intended[major].unsafe;
  if (!isAsMeant) wrong += 1;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const verdict = `${label.unsafe ? 'unsafe' : 'safe'}${isAsMeant ? '' : ', NOT AS MEANT'}`;
  const figures = `blocked ${label.blockedMs.small}/${label.blockedMs.large} ms, ran ${label.migrationMs.small}/${label.migrationMs.large} ms`;
  process.stdout.write(`${major}  ${one.name}: ${verdict}; ${figures}; ${seconds} s\n`);
  for (const why of label.why) process.stdout.write(`      ${why.replaceAll('\n', ' ').slice(0, 200)}\n`);
}

function writeLabels(): void {
  const sorted = Object.entries(labels.cases).sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(LABELS, `${JSON.stringify({ ...labels, cases: Object.fromEntries(sorted) }, null, 2)}\n`);
}

async function labelOf(server: Server, one: Case): Promise<Label> {
  const attempts: Attempt[] = [];
  do attempts.push({ small: await observe(server, one, SMALL), large: await observe(server, one, one.rows) });
  while (isUndecided(attempts) && attempts.length < ATTEMPTS);
  if (isUndecided(attempts)) throw new Error(`the machine was too busy, ${ATTEMPTS} times`);
  const why = reasons(attempts);
  const { small, large } = attempts.filter(isTelling).at(-1) ?? attempts.at(-1)!;
  return {
    unsafe: why.length > 0,
    why,
    rows: { small: small.rows, large: large.rows },
    blockedMs: { small: small.blockedMs, large: large.blockedMs },
    migrationMs: { small: small.migrationMs, large: large.migrationMs },
    attempts: attempts.length,
  };
}

// Some releases do not own their tables; roles belong to the server, not to a database.
async function makeRole(server: Server): Promise<void> {
  const client = await connect(server, 'postgres', 'measure');
  await client.query('CREATE ROLE app NOLOGIN');
  await client.end();
}
