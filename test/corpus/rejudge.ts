/**
 * `npm run corpus:rejudge [-- DIR]`: judges the records that `npm run corpus -- --keep-all` left in DIR (default:
 * reports/corpus) once more, without running anything, and holds cause, verdict and step against their labels.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { judgeRecord } from '../../src/cli/results.js';
import { runJson } from '../../src/report/json.js';
import { type Case, readCases } from './cases.ts';
import { firstHarm, type RunJson } from './result.ts';
import { causeOf } from './score.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const [folder = join(PROJECT, 'reports/corpus'), ...only] = process.argv.slice(2);
const cases = readCases(join(PROJECT, 'scenarios'));
let right = 0;
let asked = 0;
for (const name of readdirSync(resolve(folder)).sort()) {
  const label = cases.find(({ id }) => id.replace('/', '-') === name.replace(/-\d+$/, ''));
  if (label === undefined || (only.length > 0 && !only.some((each) => name.includes(each)))) continue;
  for (const dir of recordsIn(join(resolve(folder), name, 'run'))) await rejudge(label, name, dir);
}
process.stdout.write(`likeliest cause right: ${right} of ${asked}\n`);
process.exitCode = right === asked ? 0 : 1;

function recordsIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .map((each) => join(parent, each))
    .filter((each) => existsSync(join(each, 'journal.ndjson')) || existsSync(join(each, 'run.json')));
}

async function rejudge(label: Case, name: string, dir: string): Promise<void> {
  const { run, judgement } = await judgeRecord(dir);
  const json = runJson(run, judgement) as unknown as RunJson;
  const { cause, causeRight } = causeOf(label, json);
  if (causeRight !== null) asked += 1;
  if (causeRight) right += 1;
  const wanted = label.cause?.join('|') ?? label.mode ?? '-';
  const mark = causeRight === null ? ' ' : causeRight ? '+' : 'X';
  const breaches = json.findings.filter(({ severity }) => severity === 'breach').length;
  const alarm = label.corpus.startsWith('G') && breaches > 0 ? `  ${breaches} BREACHES` : '';
  const second = judgement.cause?.runnerUp?.rule ?? '-';
  process.stdout.write(
    `${mark} ${name}  ${json.verdict}  ${firstHarm(json) ?? '-'}  ${cause ?? '-'} (${json.cause?.confidence ?? '-'}; then ${second})  wanted ${wanted}${alarm}\n`,
  );
}
