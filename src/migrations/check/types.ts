import type { SqlType } from './ast.js';

/** What a change of a type costs. `depends`: on what the files do not say. */
export type TypeChange = { cost: 'free' } | { cost: 'rewrite'; why: string } | { cost: 'depends'; on: string };

export interface TypeFacts {
  /** Null: not known. */
  from: SqlType | null;
  to: SqlType;
  /** Of the session, where it was set. */
  timeZone: string | null;
  postgres: number;
}

const FREE: TypeChange = { cost: 'free' };

/**
 * What PostgreSQL has to do where a column changes its type without a USING of its own: nothing where the stored bytes
 * stay valid, which it tells from the cast (binary coercible) and from the modifiers (a limit that only grows).
 */
export function costOfChange(facts: TypeFacts): TypeChange {
  const { from, to } = facts;
  if (from === null) return fromUnknown(facts);
  if (from.isArray || to.isArray) {
    return same(from, to) ? FREE : { cost: 'rewrite', why: 'the elements of an array are converted one by one' };
  }
  if (isText(from) && isText(to)) return wider(from, to, 0) ? FREE : narrower(from, to);
  if (from.name !== to.name) return betweenTypes(facts, from);
  switch (to.name) {
    case 'numeric':
      return widerNumeric(from, to) ? FREE : narrower(from, to);
    case 'varbit':
    case 'time':
    case 'timetz':
    case 'timestamp':
    case 'timestamptz':
    case 'interval':
      return wider(from, to, 0) ? FREE : narrower(from, to);
    default:
      return same(from, to) ? FREE : narrower(from, to);
  }
}

function betweenTypes({ to, timeZone, postgres }: TypeFacts, from: SqlType): TypeChange {
  const pair = `${from.name} ${to.name}`;
  if (pair === 'cidr inet') return FREE;
  if (pair === 'timestamp timestamptz' || pair === 'timestamptz timestamp')
    return betweenTimestamps(timeZone, postgres);
  return { cost: 'rewrite', why: `${spelled(from)} is stored in another way than ${spelled(to)}` };
}

function betweenTimestamps(timeZone: string | null, postgres: number): TypeChange {
  if (postgres < 12) return { cost: 'rewrite', why: 'before PostgreSQL 12 every value is converted' };
  if (timeZone === null)
    return { cost: 'depends', on: 'the session has TimeZone UTC, for only then the values stay as they are' };
  if (/^(?:utc|gmt|etc\/utc|etc\/gmt|etc\/uct|uct|zulu)$/i.test(timeZone)) return FREE;
  return { cost: 'rewrite', why: `with TimeZone ${timeZone} every value is converted` };
}

function fromUnknown({ to, timeZone, postgres }: TypeFacts): TypeChange {
  if (to.isArray) return { cost: 'rewrite', why: 'the elements of an array are converted one by one' };
  switch (to.name) {
    case 'text':
      return { cost: 'depends', on: 'it was varchar before: any other type is written anew' };
    case 'varchar':
    case 'varbit':
      return {
        cost: 'depends',
        on: 'it was of the same kind with a smaller limit: anything else is read or written anew',
      };
    case 'numeric':
      return {
        cost: 'depends',
        on: 'it was numeric with the same scale and a smaller precision: anything else is written anew',
      };
    case 'inet':
      return { cost: 'depends', on: 'it was cidr before: any other type is written anew' };
    case 'timestamptz':
    case 'timestamp': {
      const change = betweenTimestamps(timeZone, postgres);
      return change.cost === 'free' ? { cost: 'depends', on: 'it was the other kind of timestamp before' } : change;
    }
    default:
      return { cost: 'rewrite', why: `values are converted to ${spelled(to)} one by one` };
  }
}

function isText({ name }: SqlType): boolean {
  return name === 'text' || name === 'varchar';
}

/** Whether the limit at a place of the modifiers grows, stays, or goes away. */
function wider(from: SqlType, to: SqlType, place: number): boolean {
  const after = to.modifiers[place];
  const before = from.modifiers[place];
  return after === undefined || (before !== undefined && after >= before);
}

function widerNumeric(from: SqlType, to: SqlType): boolean {
  return to.modifiers.length === 0 || (wider(from, to, 0) && (from.modifiers[1] ?? 0) === (to.modifiers[1] ?? 0));
}

function narrower(from: SqlType, to: SqlType): TypeChange {
  return { cost: 'rewrite', why: `not every ${spelled(from)} is a ${spelled(to)}` };
}

function same(from: SqlType, to: SqlType): boolean {
  return spelled(from) === spelled(to);
}

export function spelled({ name, modifiers, isArray }: SqlType): string {
  return `${name}${modifiers.length === 0 ? '' : `(${modifiers.join(',')})`}${isArray ? '[]' : ''}`;
}
