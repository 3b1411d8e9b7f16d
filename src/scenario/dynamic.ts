import { didYouMean } from './suggest.js';

/** A value that is made anew for each request of the mix. */
export type Dynamic =
  | { value: 'uuid' | 'timestamp' | 'seq' }
  | { value: 'int'; min: number; max: number }
  | { value: 'text'; length: number }
  | { value: 'data'; feed: string; column: string };

type Refused = { problem: string; fix: string };

/** The name of the one dynamic value that has no dot. A variable cannot have it. */
export const SEQUENCE = 'seq';

const RANDOM = ['uuid', 'int(1,100)', 'text(8)', 'timestamp'] as const;
const MAX_TEXT = 10_000;

/** Whether `${inside}` is meant as a dynamic value, well formed or not. */
export function isDynamic(inside: string): boolean {
  return inside === SEQUENCE || /^(?:random|data)\./.test(inside);
}

/** Reads what stands between the braces: `random.int(1,100)`, `data.users.email`, `seq`. */
export function readDynamic(inside: string): Dynamic | Refused {
  if (inside === SEQUENCE) return { value: 'seq' };
  const column = /^data\.([A-Za-z_][\w-]*)\.(.+)$/.exec(inside);
  if (column !== null) return { value: 'data', feed: column[1] as string, column: column[2] as string };
  if (inside.startsWith('data.')) {
    return { problem: `\`\${${inside}}\` names no column`, fix: 'write `${data.FEED.COLUMN}`' };
  }
  const [, name = '', given] = /^random\.([^(]*)(?:\((.*)\))?$/.exec(inside) ?? [];
  const numbers = given?.split(',').map((text) => (/^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : Number.NaN));
  if ((name === 'uuid' || name === 'timestamp') && given === undefined) return { value: name };
  if (name === 'int') return readInt(inside, numbers);
  if (name === 'text') return readText(inside, numbers);
  const known = RANDOM.map((each) => each.replace(/\(.*/, ''));
  const meant = known.find((each) => each === name) === undefined ? didYouMean(name, known) : '';
  return {
    problem: `\`\${${inside}}\` is no random value${meant}`,
    fix: `write one of ${RANDOM.map((each) => `\`\${random.${each}}\``).join(', ')}`,
  };
}

function readInt(inside: string, numbers: readonly number[] | undefined): Dynamic | Refused {
  const [min, max] = numbers ?? [];
  if (numbers?.length !== 2 || !Number.isInteger(min) || !Number.isInteger(max)) {
    return { problem: `\`\${${inside}}\` has no two whole numbers`, fix: 'write `${random.int(1,100)}`' };
  }
  if ((min as number) <= (max as number)) return { value: 'int', min: min as number, max: max as number };
  return { problem: `\`\${${inside}}\` ends before it begins`, fix: `write \`\${random.int(${max},${min})}\`` };
}

function readText(inside: string, numbers: readonly number[] | undefined): Dynamic | Refused {
  const [length = 0] = numbers ?? [];
  if (numbers?.length === 1 && length >= 1 && length <= MAX_TEXT) return { value: 'text', length };
  return { problem: `\`\${${inside}}\` has no length from 1 to ${MAX_TEXT}`, fix: 'write `${random.text(8)}`' };
}

/**
 * Marks for dynamic values in a text whose variables were put in: characters that Unicode keeps free for use inside a
 * program, so that a value that happens to hold `${random.uuid}` is not taken for one.
 */
const OPEN = '\ufdd0';
const CLOSE = '\ufdd1';
const MARKED = new RegExp(`${OPEN}([^${CLOSE}]*)${CLOSE}`, 'g');

export function marked(inside: string): string {
  return `${OPEN}${inside}${CLOSE}`;
}

/** The text as the scenario has it. */
export function readable(text: string): string {
  return text.replace(MARKED, '$${$1}');
}

/** The same where no dynamic value may stand, in a text that is still to be put together: as plain characters. */
export function escapeDynamic(text: string): string {
  return text.replace(/\$\$|\$\{(?=(?:random|data)\.|seq\})/g, (found) => (found === '$$' ? found : '$${'));
}

/** What stands around the dynamic values. */
export function withoutDynamic(text: string): string {
  return text.replace(MARKED, '');
}

/** The text taken apart at its dynamic values; null where there is none. */
export function dynamicParts(text: string): (string | Dynamic)[] | null {
  const parts: (string | Dynamic)[] = [];
  let at = 0;
  for (const match of text.matchAll(MARKED)) {
    const dynamic = readDynamic(match[1] as string);
    if ('problem' in dynamic) continue;
    if (match.index > at) parts.push(text.slice(at, match.index));
    parts.push(dynamic);
    at = match.index + match[0].length;
  }
  if (parts.length === 0) return null;
  return at < text.length ? [...parts, text.slice(at)] : parts;
}
