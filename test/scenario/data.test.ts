import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadScenario } from '../../src/scenario/load.js';
import { failure, fileOf, load, MINIMAL, thrownBy, told, withLine } from './scenarios.js';

const CSV = 'email,full name\n"a@x.example","Ann ""A"""\nb@x.example,"B, Bob"\n';

/** A scenario with `users.csv` (or another file) beside it. */
function withData(mix: string, { data = 'users.csv', name = 'users.csv', content = CSV as string | Uint8Array } = {}) {
  const file = fileOf(withLine(8, `    - ${mix}`).replace('  mix:', `  data: { users: ${data} }\n  mix:`));
  writeFileSync(join(dirname(file), name), content);
  return file;
}

const loaded = (file: string) => loadScenario(file, { env: {} });

describe('data', () => {
  it('comes from a CSV file with a line of names', async () => {
    const { traffic } = await loaded(withData('{ get: / }'));
    expect(traffic.feeds).toEqual([
      {
        name: 'users',
        order: 'sequential',
        rows: [
          { email: 'a@x.example', 'full name': 'Ann "A"' },
          { email: 'b@x.example', 'full name': 'B, Bob' },
        ],
      },
    ]);
  });

  it('comes from a JSON file with a list of objects', async () => {
    const content = '[{ "id": 1, "ok": true, "none": null }, { "none": "x", "id": "2", "ok": false }]';
    const data = '{ file: users.json, order: random }';
    const { traffic } = await loaded(withData('{ get: / }', { data, name: 'users.json', content }));
    expect(traffic.feeds[0]).toEqual({
      name: 'users',
      order: 'random',
      rows: [
        { id: '1', ok: 'true', none: '' },
        { id: '2', ok: 'false', none: 'x' },
      ],
    });
  });

  it.each([
    ['email,email\na,b\n', 'two columns with the name `email`'],
    ['email,\na,b\n', 'a column without a name'],
    ['email\n', 'has no row'],
    ['', 'has no row'],
    ['a,b\n1\n', 'is no CSV: Invalid Record Length'],
    ['a\n"1\n', 'is no CSV: '],
    [Uint8Array.of(0x61, 0x0a, 0xff, 0xfe), 'is not UTF-8'],
    [`a\n${'1\n'.repeat(100_001)}`, 'more than 100000 rows'],
  ])('is refused as the CSV %j', async (content, says) => {
    const error = await thrownBy(loaded(withData('{ get: / }', { content })));
    expect(error.message).toContain(says);
    expect(told(error)[0]).toMatch(/^7:18 `users.csv` /);
  });

  it.each([
    ['{}', 'is no list of objects'],
    ['[1]', 'has something that is no object in row 1'],
    ['[{ "a": 1 }, { "b": 1 }]', 'has no `a` in row 2'],
    ['[{ "a": 1 }, { "a": 1, "b": 2 }]', 'has a column `b` that the first row has not in row 2'],
    ['[{ "a": [] }]', 'has a `a` that is no text or number in row 1'],
    ['[{ "a": "\\ud800" }]', 'is no Unicode text'],
    ['[{', 'is no JSON'],
  ])('is refused as the JSON %s', async (content, says) => {
    const error = await thrownBy(loaded(withData('{ get: / }', { data: 'a.json', name: 'a.json', content })));
    expect(error.message).toContain(says);
  });

  it.each([
    ['missing.csv', 'does not exist (looked for /'],
    ['.', 'is not a regular file'],
    ['scenario.yaml', 'is neither `.csv` nor `.json`'],
  ])('is refused as the file %s', async (data, says) => {
    const error = await thrownBy(loaded(withData('{ get: "/${data.users.email}" }', { data })));
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(says);
  });
});

describe('values made for each request', () => {
  const MIX = `{ post: "/u/\${data.users.email}?n=\${random.int(-5, 100)}", headers: { x-id: "\${random.uuid}-\${seq}" }, json: { a: ["\${data.users.full name}", "$\${seq}"], t: "\${random.timestamp}\${random.text(8)}" } }`;

  it('become the slots of a template, in path, headers and body', async () => {
    const { traffic } = await loaded(withData(MIX));
    expect(traffic.flows[0]).toMatchObject({
      name: 'POST /u/${data.users.email}?n=${random.int(-5, 100)}',
      path: '/u/${data.users.email}?n=${random.int(-5, 100)}',
      headers: { 'x-id': '${random.uuid}-${seq}' },
      template: {
        path: ['/u/', { value: 'data', feed: 0, column: 'email' }, '?n=', { value: 'int', min: -5, max: 100 }],
        headers: { 'x-id': [{ value: 'uuid' }, '-', { value: 'seq' }] },
        body: [
          '{"a":["',
          { value: 'data', feed: 0, column: 'full name' },
          '","${seq}"],"t":"',
          { value: 'timestamp' },
          { value: 'text', length: 8 },
          '"}',
        ],
      },
    });
  });

  it('are the same when the effective scenario is loaded again', async () => {
    const file = withData(MIX);
    const first = await loaded(file);
    writeFileSync(file, stringify(first.effective));
    expect((await loaded(file)).traffic).toEqual(first.traffic);
  });

  it('stand beside variables, whose values are never taken for one', async () => {
    const { traffic } = await load(withLine(8, '    - { name: a, get: "/${V}/${seq}" }'), {
      env: { V: '$%7Bx%7D${random.uuid}'.replace(/[{}]/g, '.') },
    });
    expect(traffic.flows[0]?.template?.path).toEqual(['/$%7Bx%7D$.random.uuid./', { value: 'seq' }]);
    const { traffic: other } = await load(withLine(8, '    - { name: a, post: /, body: "${V}${seq}" }'), {
      env: { V: '${random.uuid}' },
    });
    expect(other.flows[0]?.template?.body).toEqual(['${random.uuid}', { value: 'seq' }]);
  });

  it('may be plain text, escaped', async () => {
    const { traffic } = await load(withLine(8, '    - { name: a, post: /, body: "$${random.uuid} $${seq}" }'));
    expect(traffic.flows[0]).toMatchObject({ body: '${random.uuid} ${seq}', template: null });
  });

  it('leave a flow without any alone', async () => {
    const { traffic } = await load(MINIMAL);
    expect(traffic.flows[0]?.template).toBeNull();
  });

  it.each([
    ['{ get: "/${data.user.email}" }', 'there is no data `user`; did you mean `users`?'],
    ['{ get: "/${data.users.emial}" }', '`users` has no column `emial`; did you mean `email`?'],
    ['{ get: "/${data.users}" }', 'names no column'],
    ['{ get: "/${random.uid}" }', 'is no random value; did you mean `uuid`?'],
    ['{ get: "/${random.uuid(1)}" }', 'is no random value'],
    ['{ get: "/${random.int}" }', 'has no two whole numbers'],
    ['{ get: "/${random.int(1)}" }', 'has no two whole numbers'],
    ['{ get: "/${random.int(5,1)}" }', 'ends before it begins'],
    ['{ get: "/${random.text(0)}" }', 'has no length from 1 to 10000'],
    ['{ get: "/${random.uuid} x" }', 'a path holds no spaces'],
    ['{ get: "x/${random.uuid}" }', 'begins with `/`, got `x/${random.uuid}`'],
    ['{ get: "/${random.uuid}#x" }', 'a fragment'],
    ['{ get: /, name: "${random.uuid}" }', 'is made anew for each request'],
    ['{ get: /, expect: { body: { contains: "${seq}" } } }', 'is made anew for each request'],
  ])('are refused in %s', async (mix, says) => {
    const error = await thrownBy(loaded(withData(mix)));
    expect(error.problems, error.message).toHaveLength(1);
    expect(error.message).toContain(says);
    expect(told(error)[0]).toMatch(/^9:/);
  });

  it.each([
    ['vars: { A: "${random.uuid}" }', '11:13'],
    ['vars: { seq: "1" }', '11:9'],
    ['rollback: { run: [a, "${seq}"] }', '11:23'],
    ['probes: { inflight: { get: "/${seq}" } }', '11:30'],
  ])('are refused outside of the mix: %s', async (line, place) => {
    const error = await failure(`${MINIMAL}${line}\n`);
    expect(told(error), error.message).toEqual([expect.stringContaining(`${place} `)]);
  });

  it('name the file where they speak of data that no one has declared', async () => {
    const error = await failure(withLine(8, '    - { get: "/${data.users.email}" }'));
    expect(error.message).toContain('fix: name its file under `traffic.data`');
  });

  it('cannot end a header by what a row holds', async () => {
    const content = '[{ "a": "fine" }, { "a": "x\\r\\nset-cookie: y" }]';
    const file = withData('{ get: /, headers: { x: "${data.users.a}" } }', { data: 'a.json', name: 'a.json', content });
    const error = await thrownBy(loaded(file));
    expect(told(error)).toEqual([expect.stringContaining('9:31 row 2 of `users` has a `a` that no header can hold')]);
  });
});
