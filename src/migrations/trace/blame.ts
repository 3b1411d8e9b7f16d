import type { TracedQuery } from '../../model/migrations.js';
import type { Facts } from './facts.js';

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/gu;
/** Words of the server's messages, which many statements have in them. */
const COMMON = new Set(
  'column columns relation table does not exist of in violates null value constraint type function operator cached plan must change result there is no unique or exclusion matching the on conflict specification invalid input syntax for'.split(
    ' ',
  ),
);

/** The statement that a query most likely fails by: the first one that changes a table and names what the server misses. */
export function blame({ error, sql }: TracedQuery, facts: readonly Facts[]): Facts | null {
  const changing = facts.filter(({ took }) => took.some(({ mode }) => mode !== 'ACCESS SHARE' && mode !== 'ROW SHARE'));
  const missed = wordsOf((error ?? '').replace(/^\w{5}: /, '')).filter((word) => !COMMON.has(word));
  const asked = new Set(wordsOf(sql));
  const score = (each: Facts): number => {
    const words = new Set(wordsOf(each.sql));
    return missed.filter((word) => words.has(word)).length * 2 + ([...asked].some((word) => words.has(word)) ? 1 : 0);
  };
  const best = Math.max(0, ...changing.map(score));
  return changing.find((each) => score(each) === best) ?? null;
}

function wordsOf(text: string): string[] {
  return (text.match(WORD) ?? []).map((word) => word.toLowerCase());
}
