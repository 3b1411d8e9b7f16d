/** What a session that belongs to another role shows of its statement. */
const HIDDEN = '<insufficient privilege>';
/** Numbers with more digits may be those of people: of a phone, a card, an account. */
const DIGITS = 7;

/**
 * A statement without what may be data of users: text in quotes is left out, so are long numbers and comments. Null
 * where there is none to be seen.
 */
export function statementOf(query: string | null): string | null {
  if (query === null || query === HIDDEN) return null;
  const text = withoutLiterals(query)
    .replace(/\s+/g, ' ')
    .replace(/[; ]+$/, '')
    .trim();
  return text === '' ? null : text;
}

function withoutLiterals(query: string): string {
  let text = '';
  let rest = query;
  while (rest !== '') {
    const token = TOKENS.map(({ begins, ends, shown }) => ({ found: begins.exec(rest), ends, shown })).find(
      ({ found }) => found !== null,
    );
    if (token?.found == null) {
      text += rest[0];
      rest = rest.slice(1);
      continue;
    }
    const length = token.ends(rest, token.found);
    text += token.shown(rest.slice(0, length));
    rest = rest.slice(length);
  }
  return text;
}

interface Token {
  begins: RegExp;
  /** How long it is; all of the rest where its end was cut off. */
  ends(rest: string, found: RegExpExecArray): number;
  shown(token: string): string;
}

const ELLIPSIS = "'…'";
const itself = (token: string): string => token;
const asFound = (_rest: string, [found]: RegExpExecArray): number => found.length;

/** The first that fits is the one: what may stand in a statement of PostgreSQL, as far as it hides or holds quotes. */
const TOKENS: readonly Token[] = [
  { begins: /^--[^\n]*/, ends: asFound, shown: () => ' ' },
  { begins: /^\/\*/, ends: (rest) => endOfComment(rest), shown: () => ' ' },
  { begins: /^"(?:[^"]|"")*(?:"|$)/, ends: asFound, shown: itself },
  {
    begins: /^[eE]'/,
    ends: (rest) => /^[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|\\?$)/.exec(rest)?.[0].length ?? rest.length,
    shown: () => ELLIPSIS,
  },
  { begins: /^'/, ends: endOfPlain, shown: () => ELLIPSIS },
  { begins: /^\$([\p{L}_][\p{L}\p{N}_]*)?\$/u, ends: endOfDollars, shown: () => ELLIPSIS },
  { begins: /^[\p{L}_][\p{L}\p{N}_$]*/u, ends: asFound, shown: itself },
  { begins: /^\d[\d_.]*/, ends: asFound, shown: (token) => (token.replace(/\D/g, '').length < DIGITS ? token : '…') },
];

/** Whether a backslash hides a quote is a setting of the session: where it matters, nothing of the rest is shown. */
function endOfPlain(rest: string): number {
  const [literal = rest] = /^'(?:[^']|'')*(?:'|$)/.exec(rest) ?? [];
  return /\\'/.test(literal) ? rest.length : literal.length;
}

function endOfDollars(rest: string, [tag]: RegExpExecArray): number {
  const end = rest.indexOf(tag, tag.length);
  return end === -1 ? rest.length : end + tag.length;
}

/** Comments of SQL hold comments. */
function endOfComment(rest: string): number {
  let depth = 0;
  for (const { 0: mark, index } of rest.matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1;
    if (depth === 0) return index + 2;
  }
  return rest.length;
}
