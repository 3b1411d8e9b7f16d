import { closest, distance } from 'fastest-levenshtein';
import { knownRules } from './known-rules.js';
import type { SqlComment } from './lexer.js';
import type { Span } from './source.js';
import type { ReadSource, Remark } from './walk.js';

/** What is said of comments that take findings back. */
export const SUPPRESSION_RULES = {
  'suppression-without-reason': {
    claim: 'A comment takes a finding back and does not say why.',
    because: 'Whoever reads it later cannot tell whether the reason still holds, so the finding stands.',
    remedy: 'Say why it is safe here: `-- zdd-ignore RULE: reason`.',
  },
  'suppression-unknown-rule': {
    claim: 'A comment takes back a rule that there is none of.',
    because: 'A slip in the name would leave the finding standing, or hide that the rule is long gone.',
    remedy: 'Name a rule as a finding shows it; `zdd-verify explain` lists them.',
  },
  'suppression-unused': {
    claim: 'A comment takes back a finding that there is none of.',
    because: 'It would hide one that comes up later for another reason.',
    remedy: 'Delete the comment.',
  },
} as const;

interface Suppression {
  comment: SqlComment;
  /** With the place of each name. */
  rules: { name: string; span: Span }[];
  reason: string;
  /** What it applies to; null where nothing follows. */
  target: Span | null;
}

/** Takes back what comments in the source take back with a reason, and says where one does not do what it should. */
export function suppress(
  file: ReadSource,
  remarks: readonly Remark[],
): { standing: Remark[]; suppressed: { remark: Remark; reason: string }[] } {
  const suppressions = file.source.scan.comments.flatMap((comment) => suppressionIn(file, comment) ?? []);
  const standing: Remark[] = [];
  const suppressed: { remark: Remark; reason: string }[] = [];
  const used = new Set<string>();
  for (const remark of remarks) {
    const by = suppressions.find(
      ({ reason, target, rules }) =>
        reason !== '' && within(remark.span, target) && rules.some(({ name }) => name === remark.rule),
    );
    if (by === undefined) standing.push(remark);
    else {
      suppressed.push({ remark, reason: by.reason });
      used.add(`${by.comment.start} ${remark.rule}`);
    }
  }
  for (const each of suppressions) standing.push(...faultsOf(file, each, used));
  return { standing, suppressed };
}

const MARK = /^\s*zdd-ignore\b[ \t:]*/;

function suppressionIn(file: ReadSource, comment: SqlComment): Suppression | null {
  const mark = MARK.exec(comment.text);
  if (mark === null) return null;
  const rest = comment.text.slice(mark[0].length);
  const colon = rest.indexOf(':');
  const names = colon === -1 ? rest : rest.slice(0, colon);
  const base = comment.start + 2 + mark[0].length;
  const rules = [...names.matchAll(/[^\s,]+/g)].map(({ 0: name, index }) => ({
    name,
    span: { start: base + index, end: base + index + name.length },
  }));
  const reason =
    colon === -1
      ? ''
      : rest
          .slice(colon + 1)
          .replace(/\s+/g, ' ')
          .trim();
  return { comment, rules, reason, target: targetOf(file, comment) };
}

/** The statement that the comment stands in or behind on the same line; else the next one. */
function targetOf({ source, statements, faults }: ReadSource, { start, end }: SqlComment): Span | null {
  const spans = [...statements.filter(({ block }) => block === null), ...faults]
    .map(({ span }) => span)
    .sort((one, other) => one.start - other.start);
  const around = spans.find((span) => span.start <= start && end <= span.end);
  if (around !== undefined) return around;
  const line = source.position(start).line;
  const before = spans.findLast((span) => span.end <= start);
  if (before !== undefined && source.position(before.end).line === line) return before;
  return spans.find((span) => span.start >= end) ?? null;
}

function within(span: Span, target: Span | null): boolean {
  return target !== null && target.start <= span.start && span.start <= target.end;
}

function faultsOf({ source }: ReadSource, suppression: Suppression, used: ReadonlySet<string>): Remark[] {
  const { comment, rules, reason } = suppression;
  const known = knownRules();
  const remark = (
    rule: keyof typeof SUPPRESSION_RULES,
    severity: Remark['severity'],
    span: Span,
    message: string,
  ): Remark => ({
    source,
    span,
    rule,
    severity,
    message,
    remedy: SUPPRESSION_RULES[rule].remedy,
  });
  const whole = { start: comment.start, end: comment.end };
  if (rules.length === 0) {
    return [remark('suppression-unknown-rule', 'warning', whole, 'zdd-ignore names no rule.')];
  }
  const unknown = rules.filter(({ name }) => !known.includes(name));
  const faults = unknown.map(({ name, span }) =>
    remark('suppression-unknown-rule', 'warning', span, `There is no rule \`${name}\`.${nearest(name, known)}`),
  );
  if (reason === '') {
    faults.push(remark('suppression-without-reason', 'warning', whole, 'It gives no reason, so the finding stands.'));
    return faults;
  }
  for (const { name, span } of rules) {
    if (unknown.some((each) => each.name === name) || used.has(`${comment.start} ${name}`)) continue;
    faults.push(remark('suppression-unused', 'note', span, `Nothing is found here that \`${name}\` would say.`));
  }
  return faults;
}

function nearest(name: string, known: readonly string[]): string {
  const found = closest(name, known);
  return distance(name, found) <= Math.max(2, name.length / 3) ? ` Did you mean \`${found}\`?` : '';
}
