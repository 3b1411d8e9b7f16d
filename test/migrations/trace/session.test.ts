import { describe, expect, it } from 'vitest';
import { type Frame, FrameReader, frame } from '../../../src/migrations/trace/frames.ts';
import { Session } from '../../../src/migrations/trace/session.ts';

const only = (bytes: Buffer): Frame => new FrameReader().take(bytes)[0] as Frame;
const query = (sql: string) => only(frame('Q', sql));
const parse = (name: string, sql: string) => only(frame('P', name, sql, Buffer.alloc(2)));
const bind = (portal: string, name: string) => only(frame('B', portal, name, Buffer.alloc(6)));
const execute = (portal: string) => only(frame('E', portal, 0));
const sync = only(frame('S'));
const done = (tag: string) => only(frame('C', tag));
const ready = (status: string) => only(frame('Z', Buffer.from(status)));
const failed = (message: string) => only(frame('E', 'SERROR', 'VERROR', 'C42P01', `M${message}`, Buffer.from([0])));
const debug = (message: string) => only(frame('N', 'SDEBUG', 'VDEBUG', 'C00000', `M${message}`, Buffer.from([0])));

function session() {
  let now = 0;
  let transactions = 0;
  return new Session(
    1,
    () => ++now,
    () => ++transactions,
  );
}

const summary = (seen: Session) => seen.statements.map(({ sql, tag, error }) => [sql, tag ?? error?.message]);

describe('a session', () => {
  it('tells the parts of a string with several statements, and where it fails', () => {
    const seen = session();
    seen.ask(query('a; b; c'));
    for (const each of [done('A 1'), debug('deep'), done('B 2'), failed('no c'), ready('I')]) seen.hear(each);
    expect(
      seen.statements.map(({ part, tag, error, notices }) => [part, tag, error?.code ?? null, notices.length]),
    ).toEqual([
      [0, 'A 1', null, 0],
      [1, 'B 2', null, 1],
      [2, null, '42P01', 0],
    ]);
    expect(new Set(seen.statements.map(({ transaction }) => transaction)).size).toBe(1);
    expect(seen.current).toBeNull();
  });

  it('follows prepared statements that are sent all at once', () => {
    const seen = session();
    for (const each of [parse('s', 'insert 1'), bind('', 's'), execute(''), bind('', 's'), execute(''), sync])
      seen.ask(each);
    for (const each of [only(frame('1')), only(frame('2')), done('INSERT 0 1'), done('INSERT 0 1'), ready('I')])
      seen.hear(each);
    seen.ask(bind('', 's'));
    seen.ask(execute(''));
    seen.ask(sync);
    for (const each of [done('INSERT 0 2'), ready('I')]) seen.hear(each);
    expect(summary(seen)).toEqual([
      ['insert 1', 'INSERT 0 1'],
      ['insert 1', 'INSERT 0 1'],
      ['insert 1', 'INSERT 0 2'],
    ]);
    const [one, two, three] = seen.statements.map(({ transaction }) => transaction);
    expect(one).toBe(two);
    expect(two).not.toBe(three);
  });

  it('leaves out what the server skips after an error', () => {
    const seen = session();
    for (const each of [parse('', 'wrong'), bind('', ''), execute(''), sync, query('next')]) seen.ask(each);
    for (const each of [failed('wrong'), ready('I'), done('NEXT'), ready('I')]) seen.hear(each);
    expect(summary(seen)).toEqual([
      ['wrong', 'wrong'],
      ['next', 'NEXT'],
    ]);
  });

  it('keeps the statements of a transaction together, from BEGIN to COMMIT', () => {
    const seen = session();
    const run = (sql: string, status: string) => {
      seen.ask(query(sql));
      seen.hear(done(sql.toUpperCase()));
      seen.hear(ready(status));
    };
    run('begin', 'T');
    run('alter', 'T');
    run('commit', 'I');
    run('other', 'I');
    const [begin, alter, commit, other] = seen.statements.map(({ transaction }) => transaction);
    expect(new Set([begin, alter, commit]).size).toBe(1);
    expect(other).not.toBe(commit);
  });

  it('gives locks that are seen while nothing runs to the statement before', () => {
    const seen = session();
    seen.ask(query('begin'));
    seen.hear(done('BEGIN'));
    seen.hear(ready('T'));
    const lock = { oid: 7, mode: 'ACCESS EXCLUSIVE' } as const;
    seen.holds({ locks: [lock, lock], xids: ['9'] });
    expect(seen.statements[0]).toMatchObject({ locks: [lock], xids: new Set(['9']) });
  });

  it('adds up the rows of the plans that the server tells, also of those in a loop', () => {
    const seen = session();
    const plan = {
      Plan: {
        'Actual Rows': 5,
        Plans: [
          { 'Relation Name': 't', 'Actual Rows': 2, 'Actual Loops': 3, 'Rows Removed by Filter': 1 },
          { 'Relation Name': 'pg_class', 'Actual Rows': 400 },
        ],
      },
    };
    seen.ask(query('do'));
    for (let loop = 0; loop < 2; loop += 1) seen.hear(debug(`duration: 0.1 ms  plan:\n${JSON.stringify(plan)}`));
    seen.hear(done('DO'));
    expect(seen.statements[0]).toMatchObject({ rowsWorked: 18, notices: [] });
  });
});
