import { describe, expect, it } from 'vitest';
import { failure, MINIMAL, told, withLine } from './scenarios.js';

/** What is wrong, the file, and what must be said where; the code where it is not SCENARIO_INVALID. */
type Case = [what: string, content: string, place: string, says: string, code?: string];

const more = (text: string) => `${MINIMAL}${text}\n`;
const mix = (text: string) => withLine(8, `    - ${text}`);
const step = (text: string) => withLine(10, `  - ${text}`);
const target = (text: string) => withLine(4, `${MINIMAL.split('\n')[3]}\n${text}`);

const SCHEMA: Case[] = [
  ['an unknown key at the top', more('wramup: 2s'), '11:1', 'unknown key `wramup`; did you mean `warmup`?'],
  ['an unknown key of the target', target('  timout: 5s'), '5:3', 'unknown key `timout`; did you mean `timeout`?'],
  ['an unknown key of a flow', mix('{ get: /, weigth: 2 }'), '8:17', 'unknown key `weigth`; did you mean `weight`?'],
  ['an unknown key of a step', step('{ name: a, run: b, dir: / }'), '10:24', 'unknown key `dir`'],
  ['an unknown key of an expectation', mix('{ get: /, expect: { staus: 200 } }'), '8:27', 'did you mean `status`?'],
  [
    'an unknown key of a readiness check',
    step('{ name: a, ready: { get: /, every: 1s } }'),
    '10:33',
    'unknown key `every`',
  ],
  [
    'an unknown key of a threshold',
    more('thresholds: { latency: [{ threshold: max<1, lvl: warn }] }'),
    '11:45',
    'did you mean `level`?',
  ],
  ['a key in the wrong case', more('maxduration: 1h'), '11:1', 'did you mean `maxDuration`?'],
  ['a missing target', MINIMAL.replace(/target:\n.*\n/, ''), '1:1', 'is missing: expected a mapping with `url`'],
  ['a missing rate', withLine(6, '  client: strict'), '5:1', 'is missing: expected a rate such as `200/s`'],
  ['a missing version', withLine(1, '# nothing'), '2:1', 'is missing: write `version: 1`'],
  ['a version of the future', withLine(1, 'version: 2'), '1:10', 'expected `1`'],
  ['an empty name', withLine(2, 'name: ""'), '2:7', 'got an empty text'],
  ['a name that is a number', withLine(2, 'name: 7'), '2:7', 'put it in quotes'],
  ['a number in the place of a duration', more('warmup: 5'), '11:9', '`5` has no unit: write `5s`'],
  ['text that is no duration', more('warmup: soon'), '11:9', 'expected a duration such as `5s`'],
  ['a baseline that is too short', more('baseline: 10ms'), '11:11', 'too short: at least 1.0 s'],
  ['a timeout that is too long', target('  timeout: 10m'), '5:12', 'too long'],
  ['a rate that is no rate', withLine(6, '  rate: fast'), '6:9', 'expected a rate such as `200/s`'],
  ['a rate beyond reach', withLine(6, '  rate: 200001/s'), '6:9', 'at most 200,000/s'],
  ['a rate of nothing', withLine(6, '  rate: 0/s'), '6:9', 'too slow'],
  ['a negative rate', withLine(6, '  rate: -5'), '6:9', 'expected a rate'],
  ['a share without its sign', withLine(6, '  rate: 5/s\n  connections: { fresh: 20 }'), '7:25', 'write `20%`'],
  ['a share over the whole', withLine(6, '  rate: 5/s\n  connections: { fresh: 120% }'), '7:25', 'from 0 to 100'],
  [
    'shares that do not add up',
    withLine(6, '  rate: 5/s\n  connections: { keepalive: 70%, fresh: 20% }'),
    '7:16',
    'make 90 %, not 100 %',
  ],
  ['an unknown client', withLine(6, '  rate: 5/s\n  client: firefox'), '7:11', 'one of `strict`, `browser`'],
  ['an unknown executor', withLine(6, '  rate: 5/s\n  executor: loop'), '7:13', '`constant-arrival-rate`'],
  ['a list in the place of a mapping', withLine(4, '  - url'), '4:3', 'expected a mapping with `url`, got a list'],
  ['nothing in the place of a mapping', more('outputs:'), '11:9', 'got nothing'],
  ['an empty list of steps', MINIMAL.replace(/steps:[\s\S]*/, 'steps: []\n'), '9:8', 'is an empty list'],
  ['steps that are no list', MINIMAL.replace(/steps:[\s\S]*/, 'steps: { run: a }\n'), '9:8', 'expected a list'],
  ['a status that is none', mix('{ get: /, expect: 42 }'), '8:25', 'at least 200'],
  ['a status in words', mix('{ get: /, expect: 2xx }'), '8:25', 'expected a whole number'],
  ['a status in a list', mix('{ get: /, expect: [200, 700] }'), '8:31', 'at most 599'],
  ['an expectation of no kind', mix('{ get: /, expect: true }'), '8:25', 'expected a status, a list of statuses'],
  ['a weight of nothing', mix('{ get: /, weight: 0 }'), '8:25', 'too small'],
  [
    'a pool that is half a connection',
    withLine(6, '  rate: 5/s\n  connections: { pool: 1.5 }'),
    '7:24',
    'a whole number',
  ],
  ['a kind that is none', step('{ name: a, run: b, kind: deploy }'), '10:30', 'expected one of `setup`'],
  ['a flag in words', target('  allowWrites: maybe'), '5:16', 'expected `true` or `false`'],
  ['an unknown rehearsal', more('rehearsal: always'), '11:12', '`rollback-forward`'],
];

const MEANING: Case[] = [
  ['a URL without its scheme', withLine(4, '  url: 127.0.0.1:8080'), '4:8', 'expected a URL such as'],
  ['a URL of another kind', withLine(4, '  url: ftp://127.0.0.1'), '4:8', 'expected an `http:` or `https:` URL'],
  [
    'credentials in the URL',
    withLine(4, '  url: http://me:secret@127.0.0.1'),
    '4:8',
    'credentials do not belong in the URL',
  ],
  ['a query in the URL', withLine(4, '  url: http://127.0.0.1/?a=1'), '4:25', "a query belongs to the flows' paths"],
  ['a fragment in the URL', withLine(4, '  url: "http://127.0.0.1/#top"'), '4:26', 'a fragment'],
  ['two flows of one name', mix('{ get: / }\n    - { get: / }'), '9:7', 'a second flow with the name `GET /`'],
  [
    'two flows named alike',
    mix('{ name: a, get: / }\n    - { name: a, get: /b }'),
    '9:15',
    'a second flow with the name `a`',
  ],
  ['a flow without a method', mix('{ name: a }'), '8:7', 'has no method'],
  ['a flow with two methods', mix('{ get: /, post: / }'), '8:7', 'has 2 methods'],
  ['a path without its slash', mix('{ get: healthz }'), '8:14', 'begins with `/`'],
  ['a URL in the mix', mix('{ get: "http://127.0.0.1/" }'), '8:14', 'begins with `/`'],
  ['a space in a path', mix('{ get: "/a b" }'), '8:14', 'no spaces'],
  ['GET with a body', mix('{ get: /, body: x }'), '8:17', 'GET has no body'],
  ['two bodies', mix('{ post: /, body: x, json: {} }'), '8:24', 'a request has one body'],
  ['a number JSON has not', mix('{ post: /, json: { a: .inf } }'), '8:29', 'JSON has no such number'],
  [
    'an expectation of the body of HEAD',
    mix('{ head: /, expect: { body: { contains: x } } }'),
    '8:26',
    'has no body to look at',
  ],
  [
    'a broken regular expression',
    mix('{ get: /, expect: { body: { matches: "/(/" } } }'),
    '8:44',
    'is no regular expression: Unterminated group',
  ],
  [
    'a flag without a meaning',
    mix('{ get: /, expect: { body: { matches: "/a/g" } } }'),
    '8:44',
    'the flags `g` and `y`',
  ],
  ['a broken JSON path', mix('{ get: /, expect: { json: { "$[": 1 } } }'), '8:35', 'is no JSON path'],
  [
    'an expectation of the body that is empty',
    mix('{ get: /, expect: { body: {} } }'),
    '8:33',
    '`contains` or `matches`',
  ],
  ['a header that is none', mix('{ get: /, headers: { "a b": 1 } }'), '8:28', 'is no name of a header'],
  ['a header that is ours', target('  headers: { Connection: close }'), '5:14', 'is set by zdd-verify'],
  ['a line break in a header', target('  headers: { a: "b\\nc" }'), '5:17', 'no line breaks'],
  ['a header given twice', target('  headers: { a: b, A: c }'), '5:20', 'is given twice'],
  ['a version read in two ways', target('  version: { header: a, json: $.b }'), '5:12', 'exactly one of'],
  ['a step without a name', step('{ run: a }'), '10:5', 'has no `name`'],
  ['a step with a name for files', step('{ name: ../a, run: a }'), '10:13', 'does not do as a name'],
  ['a step named as a phase of ours', step('{ name: baseline, run: a }'), '10:13', 'choose another name'],
  [
    'two steps of one name',
    step('{ name: a, run: a }\n  - { name: a, run: b }'),
    '11:13',
    'a second step with the name `a`',
  ],
  ['a step with nothing to do', step('{ name: a }'), '10:5', 'has nothing to do'],
  ['no step of the release', step('{ name: setup, run: a }'), '9:1', 'no step of the release'],
  [
    'a rollback given twice',
    `${step('{ name: a, run: a }\n  - { name: rollback, run: b }')}rollback: { name: back, run: c }\n`,
    '12:1',
    'given twice',
  ],
  ['a rollback of another kind', more('rollback: { run: a, kind: build }'), '11:27', 'of kind `rollback`'],
  ['a rehearsal of nothing', more('rehearsal: rollback'), '11:12', 'no rollback to rehearse'],
  [
    'a rollback of the rollback',
    more('rollback: { run: a, onFail: rollback }'),
    '11:29',
    'a step of the rollback that fails ends it: `rollback` is no choice there',
  ],
  [
    'an abort of the rollback',
    more('rollback: [{ name: a, run: a, onFail: abort }]'),
    '11:39',
    '`abort` is no choice there',
  ],
  [
    'a choice for the failure of a setup step',
    withLine(10, '  - { name: setup, run: a, onFail: continue }\n  - { name: switch, run: b }'),
    '10:28',
    'a step of kind `setup` that fails ends the run before the release',
  ],
  [
    'a choice for the failure of a teardown step',
    withLine(10, '  - { name: teardown, run: a, onFail: rollback }\n  - { name: switch, run: b }'),
    '10:31',
    'a step of kind `teardown` that fails is recorded, and the teardown goes on',
  ],
  ['a fallback to nothing', step('{ name: a, run: b, onFail: rollback }'), '10:32', 'there is no rollback to run'],
  [
    'checks that disagree',
    step('{ name: a, ready: [{ get: /, within: 5s }, { get: /b, within: 6s }] }'),
    '10:67',
    'another says otherwise',
  ],
  ['a variable with a name no shell knows', more('vars: { a-b: 1 }'), '11:9', 'is no name of a variable'],
  ['a variable of our own', more('vars: { ZDD_RUN: 1 }'), '11:9', 'set by zdd-verify itself'],
  [
    'a baseline without an arrival',
    withLine(6, '  rate: 6/m\nbaseline: 1s').replace('baseline: 1s\n', '').concat('baseline: 1s\n'),
    '11:11',
    'not one arrival',
  ],
  ['a run that ends before it begins', more('maxDuration: 10s'), '11:14', 'would end before its first step'],
  [
    'a write to the world',
    withLine(4, '  url: https://example.com').replace('get: /', 'post: /'),
    '8:9',
    'POST may write, and example.com',
    'WRITES_NOT_ALLOWED',
  ],
];

const THRESHOLDS: Case[] = [
  [
    'an unknown metric',
    more('thresholds: { latncy: ["max<1"] }'),
    '11:15',
    'there is no metric `latncy`; did you mean `latency`?',
  ],
  ['text that is no expression', more('thresholds: { latency: ["fast"] }'), '11:25', 'is no expression'],
  ['an aggregate without brackets', more('thresholds: { latency: ["p99<5"] }'), '11:25', 'is no aggregate'],
  [
    'an aggregate that does not fit',
    more('thresholds: { outage: ["rate<1"] }'),
    '11:24',
    '`rate` says nothing of `outage`',
  ],
  ['a quantile of more than all', more('thresholds: { latency: ["p(101)<5"] }'), '11:25', 'is no aggregate'],
  ['a share over the whole', more('thresholds: { http_req_failed: ["rate<5"] }'), '11:33', 'more than all requests'],
  ['a baseline where there is none', more('thresholds: { stall: ["max<2*baseline"] }'), '11:23', 'has no baseline'],
  ['a limit of no number', more('thresholds: { stall: ["max<long"] }'), '11:23', 'expected milliseconds'],
  [
    'a selector of an unknown step',
    more('thresholds: { "latency{step:swich}": ["max<1"] }'),
    '11:15',
    'did you mean `switch`?',
  ],
  [
    'a selector of an unknown flow',
    more('thresholds: { "latency{flow:GET}": ["max<1"] }'),
    '11:15',
    'there is no flow `GET`',
  ],
  [
    'a selector of an unknown kind',
    more('thresholds: { "latency{stp:a}": ["max<1"] }'),
    '11:15',
    'did you mean `step`?',
  ],
  ['a selector that is none', more('thresholds: { "latency{switch}": ["max<1"] }'), '11:15', 'is no selector'],
  [
    'a selector that cannot be measured',
    more('thresholds: { "outage{version:a}": ["max<1"] }'),
    '11:15',
    'cannot be narrowed down',
  ],
  [
    'a delay of nothing',
    more('thresholds: { stall: [{ threshold: max<1, delayAbortEval: 5s }] }'),
    '11:43',
    'delays `abortOnFail: true`',
  ],
];

const VARIABLES: Case[] = [
  [
    'a variable without a value',
    step('{ name: a, run: ["${SHA}"] }'),
    '10:23',
    '`SHA` has no value',
    'VARIABLE_MISSING',
  ],
  [
    'a required variable',
    more('vars: { SHA: "${SHA:?which commit}" }'),
    '11:15',
    '`SHA` has no value: which commit',
    'VARIABLE_MISSING',
  ],
  [
    'a variable with a slip',
    `${step('{ name: a, run: ["x ${RELAESE}"] }')}vars: { RELEASE: 1 }\n`,
    '10:25',
    'did you mean `RELEASE`?',
    'VARIABLE_MISSING',
  ],
  [
    'a secret without a value',
    target('  headers: { a: "x ${secret:TOKEN}" }'),
    '5:20',
    'neither TOKEN nor TOKEN_FILE',
    'VARIABLE_MISSING',
  ],
  ['variables in a circle', more('vars: { A: "${B}", B: "${A}" }'), '11:12', 'in a circle: A -> B -> A'],
  ['an expression that is not closed', withLine(2, 'name: "a ${B"'), '2:10', 'never closed'],
  ['an expression of no grammar', withLine(2, 'name: "a ${B C}"'), '2:10', 'is no expression'],
  ['a name without braces', withLine(2, 'name: "a $HOME"'), '2:10', 'is not put in without braces'],
  [
    'the version of the baseline too early',
    withLine(2, 'name: "${baseline.version}"'),
    '2:8',
    'known only once the baseline was measured',
  ],
  [
    'the version of the baseline in a setup',
    step('{ name: a, run: b }\n  - { name: setup, run: ["${baseline.version}"] }'),
    '11:27',
    'not known to a step of kind `setup`',
  ],
  [
    'an expression of ours in a script',
    step('{ name: a, run: "echo ${secret:X}" }'),
    '10:27',
    'is not put into a shell script',
  ],
];

const NOT_YET: Case[] = [
  ['another output', more('outputs: { dir: a, html: b }'), '11:20', '`html` is not yet supported', 'NOT_SUPPORTED'],
];

const SYNTAX: Case[] = [
  ['a key that stands twice', more('name: b'), '11:1', 'stands twice'],
  ['a tab for indentation', withLine(4, '\turl: http://127.0.0.1'), '4:1', 'a tab indents this line'],
  ['a second colon', withLine(2, 'name: a: b'), '2:7', 'put the value in quotes'],
  ['a quote that is not closed', 'name: "a\n', '2:1', 'Missing closing "quote'],
  ['an alias without an anchor', withLine(2, 'name: *a'), '2:7', '`*a` has no anchor'],
  ['a second document', more('---\na: b'), '11:1', 'a second document begins here'],
  ['a tag', withLine(2, 'name: !!js/function "x"'), '2:7', 'Unresolved tag'],
  ['brackets without end', `a: ${'['.repeat(100_000)}`, '1:68', 'nested more than 64 levels deep'],
  ['lists in lists on one line', `${'- '.repeat(100_000)}x`, '1:129', 'nested more than 64 levels deep'],
];

describe('a scenario with a fault', () => {
  const cases = [...SCHEMA, ...MEANING, ...THRESHOLDS, ...VARIABLES, ...NOT_YET, ...SYNTAX];

  it.each(cases)('says where %s stands', async (_, content, place, says, code = 'SCENARIO_INVALID') => {
    const error = await failure(content);
    const found = told(error).filter((each) => each.startsWith(`${place} `) && each.includes(says));
    expect(found, error.message).toHaveLength(1);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`scenario.yaml:${place}: `);
  });

  it.each(SCHEMA.concat(MEANING, THRESHOLDS, VARIABLES, NOT_YET))(
    'says nothing else where only this is wrong: %s',
    async (_, content) => {
      const error = await failure(content);
      expect(error.problems.length, error.message).toBe(1);
    },
  );
});

describe('a key that is misspelled', () => {
  it.each([
    [MINIMAL.replace('traffic:', 'trafic:'), ['5:1 unknown key `trafic`; did you mean `traffic`?']],
    [withLine(6, '  rat: 5/s'), ['6:3 unknown key `rat`; did you mean `rate`?']],
    [MINIMAL.replace('target:', 'taget:'), ['3:1 unknown key `taget`; did you mean `target`?']],
    [MINIMAL.replace('traffic:', 'load:'), ['1:1 is missing', '5:1 unknown key `load`']],
  ])('is not said to be missing as well: %j', async (content, says) => {
    const lines = told(await failure(content));
    expect(lines).toHaveLength(says.length);
    for (const [index, words] of says.entries()) expect(lines[index]).toContain(words);
  });
});

describe('the message', () => {
  it('counts the problems, shows each line with a caret, and says the fix', async () => {
    const error = await failure(more('warmup: 5\noutputs: { html: a }'));
    expect(error.message.replaceAll(error.file, 'FILE')).toBe(
      [
        '2 problems in FILE',
        '',
        'FILE:11:9: warmup: `5` has no unit: write `5s` (or `5ms`)',
        '   11 | warmup: 5',
        '      |         ^',
        '',
        'FILE:12:12: outputs.html: `html` is not yet supported by this version',
        '   12 | outputs: { html: a }',
        '      |            ^^^^',
      ].join('\n'),
    );
    expect(error.code).toBe('SCENARIO_INVALID');
  });

  it('tells everything at once: syntax of values, unknown keys, missing variables, and what only the meaning shows', async () => {
    const error = await failure(`version: 1
target: { url: "http://127.0.0.1" }
traffic:
  rate: \${RATE}
  mix:
    - 5
    - { get: /, name: a, weigth: 1 }
    - { get: /, name: a }
steps:
  - { name: x }
  - { name: y, run: z, probes: 1 }
thresholds: { "latency{step:z}": max<1, outage: rate<1 }
`);
    expect(told(error).map((each) => each.split(' ')[0])).toEqual([
      '1:1',
      '4:9',
      '6:7',
      '7:26',
      '8:23',
      '10:5',
      '11:24',
      '12:15',
      '12:49',
    ]);
  });

  it('cuts a long line around the fault and shows nothing that moves a cursor', async () => {
    const error = await failure(withLine(2, `name: "${'x'.repeat(200)}\u001b[2J" # ${'y'.repeat(200)}`));
    const [shown = ''] = error.message.split('\n').filter((line) => line.startsWith('    2 |'));
    expect(shown.length).toBeLessThan(140);
    expect(error.message).not.toContain('\u001b');
  });

  it('never shows the value of a secret', async () => {
    const error = await failure(withLine(6, '  rate: "${secret:RATE}"'), { env: { RATE: 'hunter2hunter2' } });
    expect(error.message).toContain('expected a rate such as `200/s` or `90/m`, got `[redacted]`');
    expect(error.message).not.toContain('hunter2');
  });

  it('points through merge keys and aliases at where the text stands', async () => {
    const content = `version: 1
name: shop
target: { url: "http://127.0.0.1" }
traffic:
  rate: 5/s
  mix:
    - &home { name: home, get: /, weight: none }
    - { <<: *home, name: other }
steps: [{ name: a, run: b }]
`;
    expect(told(await failure(content))).toEqual([
      '7:43 expected a number (a share of the mix), got `none`',
      '7:43 expected a number (a share of the mix), got `none`',
    ]);
  });
});

describe('a file that is no scenario', () => {
  it.each([
    ['is empty', ''],
    ['holds a sentence', 'hello\n'],
    ['holds a list', '- a\n'],
  ])('is refused where it %s', async (_, content) => {
    const error = await failure(content);
    expect(told(error)[0]).toMatch(/^1:1 (?:is missing: )?expected a mapping with/);
  });

  it('is refused where its aliases multiply', async () => {
    const levels = 'abcdefgh'.split('');
    const lines = levels.map(
      (name, index) => `${name}: &${name} [${Array(9).fill(index === 0 ? 'x' : `*${levels[index - 1]}`)}]`,
    );
    expect(told(await failure(lines.join('\n')))).toEqual(['1:1 its aliases (`*name`) multiply beyond reason']);
  });

  it('is refused where it is not UTF-8, with the place', async () => {
    const error = await failure(
      Buffer.concat([Buffer.from('version: 1\nname: '), Buffer.from([0xff, 0xfe]), Buffer.from('\n')]),
    );
    expect(told(error)).toEqual(['2:7 is not UTF-8 here; save the file as UTF-8']);
  });

  it('is refused where it is binary', async () => {
    expect(told(await failure('version: 1\nna\0me'))).toEqual(['2:3 holds a NUL byte here; is it a text file?']);
  });

  it('is refused over 1 MiB', async () => {
    const error = await failure(`# ${'x'.repeat(1024 * 1024)}`);
    expect([error.code, error.message]).toEqual([
      'SCENARIO_UNREADABLE',
      expect.stringContaining('a scenario has at most 1048576'),
    ]);
  });

  it('is refused quickly where everything in it is wrong, with a count of what is not shown', async () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `key${index}: 1`);
    const from = performance.now();
    const error = await failure(keys.join('\n'));
    expect(performance.now() - from).toBeLessThan(45_000);
    expect(error.problems).toHaveLength(200);
    expect(error.message).toMatch(/\n\n\.\.\. and \d+ more$/);
  }, 60_000);

  it('is refused with more steps than a release has', async () => {
    const steps = Array.from({ length: 20_000 }, (_, index) => `  - { nam: s${index}, run: 1 }`);
    expect(told(await failure(`${MINIMAL}${steps.join('\n')}`))).toContain('10:3 has more than 200 entries');
  });

  it('is refused with keys that reach for prototypes', async () => {
    const error = await failure(`${MINIMAL}__proto__: { name: x }\nconstructor: 1\n`);
    expect(told(error)).toEqual(['11:1 unknown key `__proto__`', '12:1 unknown key `constructor`']);
  });

  it('is refused in JSON that only YAML would take', async () => {
    const error = await failure('{\n  "version": one\n}', { name: 'scenario.json' });
    expect(told(error)).toEqual(['2:14 Unresolved plain scalar "one"']);
  });
});
