import { describe, expect, it } from 'vitest';
import { readQueries } from '../../../src/migrations/trace/query-file.ts';

const read = (text: string, file = 'queries.sql') => readQueries({ file, text });

describe('queries of a release', () => {
  it('come as SQL, one statement after the other', async () => {
    expect(await read('select 1; -- one\n select $1::int;\n')).toEqual([
      { id: null, sql: 'select 1' },
      { id: null, sql: 'select $1::int' },
    ]);
  });

  it('come as JSON: a list, or one a line; strings, or with an id', async () => {
    const expected = [
      { id: null, sql: 'select 1' },
      { id: 'two', sql: 'select 2' },
      { id: '3', sql: 'select 3' },
    ];
    const list = ['select 1', { id: 'two', sql: 'select 2' }, { id: 3, sql: 'select 3', calls: 9 }];
    expect(await read(JSON.stringify(list), 'queries.json')).toEqual(expected);
    expect(await read(list.map((each) => JSON.stringify(each)).join('\n'), 'queries.ndjson')).toEqual(expected);
  });

  it.each([
    ['queries.sql', 'select 1;\nselect from where;', 'queries.sql:2:13: syntax error at or near "where"'],
    ['queries.json', '["select 1", {"id": "x"}]', 'queries.json: entry 2: expected a query, got {"id":"x"}'],
    ['queries.json', '["select 1"\n"select 2"]', 'queries.json:2:1: this is no JSON'],
    ['queries.ndjson', '"select 1"\n7\n', 'queries.ndjson:2:1: expected a query, got 7'],
    ['queries.ndjson', '"select 1"\nselect 2\n', 'queries.ndjson:2:1: this is no JSON'],
  ])('that are wrong in %s are named with their place', async (file, text, message) => {
    await expect(read(text, file)).rejects.toThrow(message);
  });

  it("are refused where they are psql's to send", async () => {
    await expect(read('copy t from stdin;\n1\n\\.\n')).rejects.toThrow(
      'queries.sql:1:1: COPY with rows in the file needs psql',
    );
  });
});
