/** `npm run record:add -- DIR NAME FROM`: keeps the record of a run as a golden case, with what is said of it today. */
import { judgeRecord } from '../../src/cli/results.js';
import { pack } from './packed.ts';

const [dir, name, from] = process.argv.slice(2);
if (dir === undefined || name === undefined || from === undefined) throw new Error('usage: add.ts DIR NAME FROM');
const { judgement } = await judgeRecord(dir);
pack(dir, name, {
  from,
  verdict: judgement.verdict,
  release: judgement.release,
  cause: judgement.cause?.rule ?? null,
  step: judgement.cause?.phase ?? null,
});
process.stdout.write(`${name}: ${judgement.verdict}, ${judgement.cause?.rule ?? 'nothing to explain'}\n`);
