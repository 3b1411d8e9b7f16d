import { describe, expect, it } from 'vitest';
import { constantRate } from '../../src/model/rate.js';
import { needsBaselineVersion, withBaselineVersion } from '../../src/scenario/baseline-version.js';
import { scenarioFromCommand } from '../../src/scenario/from-command.js';
import { isPrivateHost } from '../../src/scenario/hosts.js';
import type { ScenarioError } from '../../src/scenario/problem.js';
import type { Step } from '../../src/steps/step.js';
import { endpointOf } from '../../src/wire/endpoint.js';
import { failure, load, MINIMAL, told } from './scenarios.js';

const VERSIONED = MINIMAL.replace('8080\n', '8080\n  version: { header: x-release }\n');

describe('a private host', () => {
  const hostOf = (url: string) => new URL(url).hostname;
  it.each([
    'http://localhost',
    'http://app.localhost',
    'http://127.0.0.1',
    'http://127.9.9.9',
    'http://0x7f.1',
    'http://0.0.0.0',
    'http://10.0.0.1',
    'http://172.16.0.1',
    'http://172.31.255.1',
    'http://192.168.1.1',
    'http://169.254.1.1',
    'http://[::1]',
    'http://[fe80::1]',
    'http://[fd12::1]',
    'http://[::ffff:10.0.0.1]',
    'http://localhost.',
  ])('is %s', (url) => expect(isPrivateHost(hostOf(url))).toBe(true));
  it.each([
    'http://example.com',
    'http://app',
    'http://8.8.8.8',
    'http://172.32.0.1',
    'http://172.15.0.1',
    'http://192.169.0.1',
    'http://[2001:db8::1]',
    'http://[::ffff:8.8.8.8]',
    'http://10.0.0.1.example.com',
    'http://localhost.example.com',
    'http://notlocalhost',
    'http://[fec0::1]',
  ])('is not %s', (url) => expect(isPrivateHost(hostOf(url))).toBe(false));
});

describe('the version of the baseline', () => {
  it('is put in everywhere but in scripts, and as plain text in regular expressions', async () => {
    const content = `${VERSIONED}rollback:
  - run: ["./to.sh", "\${baseline.version}"]
    env: { OLD: "\${baseline.version}" }
    ready: { get: "/v/\${baseline.version}", expect: { json: { $.version: "\${baseline.version}" }, body: { matches: "/^v\${baseline.version}$/u" } } }
  - { name: script, run: 'echo "$ZDD_BASELINE_VERSION"' }
`;
    const { rollback } = await load(content);
    expect(rollback.map(needsBaselineVersion)).toEqual([true, false]);
    const [step, script] = rollback.map((each) => withBaselineVersion(each, 'a.b/1-$&+')) as [Step, Step];
    expect(step.run).toEqual(['./to.sh', 'a.b/1-$&+']);
    expect(step.env).toEqual({ OLD: 'a.b/1-$&+' });
    const check = step.ready?.checks[0];
    expect(check?.path).toBe('/v/a.b/1-$&+');
    expect(check?.expect.json[0]?.value).toBe('a.b/1-$&+');
    expect(check?.expect.body?.matches?.test('va.b/1-$&+')).toBe(true);
    expect(check?.expect.body?.matches?.test('vaXb/1-$&+')).toBe(false);
    expect(script.run).toBe('echo "$ZDD_BASELINE_VERSION"');
  });

  it.each([
    'run: [./to.sh, "${baseline.version}"]',
    'run: ./b, env: { OLD: "${baseline.version}" }',
    'run: ./b, ready: { get: /, expect: { body: { matches: "/^${baseline.version}$/" } } }',
    'run: ./b, ready: { get: /, version: { is: "${baseline.version}", header: x-build } }',
    'run: \'./b "${ZDD_BASELINE_VERSION:?unknown}"\'',
  ])('must be declared by the target where a step cannot do without it: %s', async (parts) => {
    const rollback = `rollback: { ${parts} }`;
    expect((await load(`${VERSIONED}${rollback}\n`)).rollback.map(needsBaselineVersion)).toEqual([true]);
    const column = rollback.indexOf('${baseline.version}') + 1 || 11;
    expect(told(await failure(`${MINIMAL}${rollback}\n`))).toEqual([
      `11:${column} \`rollback\` needs the version of the baseline, and the target declares none`,
    ]);
  });

  it('is not needed by a script that can do without it', async () => {
    const { rollback } = await load(`${MINIMAL}rollback: { run: './b "\${ZDD_BASELINE_VERSION:-previous}"' }\n`);
    expect(rollback.map(needsBaselineVersion)).toEqual([false]);
  });
});

describe('a scenario of a command', () => {
  it('asks for the path of the URL beside one phase', () => {
    const scenario = scenarioFromCommand({
      url: 'http://127.0.0.1:8080/up?x=$1',
      command: ['./deploy.sh', '$HOME', '${X}'],
      rollback: './back.sh',
      dir: '/srv',
    });
    expect(scenario).toMatchObject({
      file: null,
      dir: '/srv',
      baselineMs: 10_000,
      traffic: {
        endpoints: [endpointOf('http://127.0.0.1:8080')],
        streams: [{ name: '', rate: constantRate(100) }],
        flows: [{ method: 'GET', path: '/up?x=$1' }],
      },
      steps: [{ name: 'deploy', kind: 'custom', run: ['./deploy.sh', '$HOME', '${X}'], holdMs: 10_000 }],
      rollback: [{ name: 'rollback', kind: 'rollback', run: './back.sh' }],
      rehearsal: 'rollback',
    });
    expect(scenario.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(scenario.effective).toMatchObject({ steps: [{ run: ['./deploy.sh', '$$HOME', '$${X}'] }] });
  });

  it('rehearses nothing without a way back', () => {
    expect(scenarioFromCommand({ url: 'http://127.0.0.1', rate: '5/s', rollback: null, command: ['a'] })).toMatchObject(
      { rehearsal: 'none', rollback: [] },
    );
  });

  it.each([
    [{ url: 'nonsense' }, '--url: expected a URL'],
    [{ url: 'http://a:b@127.0.0.1' }, '--url: credentials'],
    [{ url: 'ftp://127.0.0.1' }, '--url: expected an `http:` or `https:` URL'],
    [{ url: 'http://127.0.0.1', rate: 'x' }, '--rate: expected a rate'],
    [{ url: 'http://127.0.0.1', rollback: '' }, '--rollback: expected a command'],
  ])('is refused as %j', (options, says) => {
    let error: ScenarioError | undefined;
    try {
      scenarioFromCommand({ command: ['a'], ...options });
    } catch (thrown) {
      error = thrown as ScenarioError;
    }
    expect(error?.message).toContain(says);
    expect(error?.problems).toHaveLength(1);
  });
});
