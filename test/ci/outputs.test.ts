import { spawnSync } from 'node:child_process';
import { parse } from 'junit2json';
import { describe, expect, it } from 'vitest';
import { checkoutPath } from '../../src/cli/checkout-path.js';
import { githubAnnotations } from '../../src/report/annotations.js';
import { renderJunit } from '../../src/report/junit.js';
import { renderOpenMetrics } from '../../src/report/openmetrics.js';
import { HOSTILE, hostileRun } from '../report/hostile.js';
import { parseXml } from '../report/parse-xml.js';
import { cut, downtime, noOp, zeroDowntime } from '../report/sample-runs.js';
import { readOpenMetrics } from './read-openmetrics.js';

const RUNS = {
  'zero downtime': zeroDowntime,
  downtime,
  'no change': noOp,
  'cut run': cut,
  'hostile texts': hostileRun,
};
const EVERY_RUN = Object.entries(RUNS);

describe('junit.xml', () => {
  it.each(EVERY_RUN)('is well-formed, and its counts are those of its cases: %s', (_, sample) => {
    const { run, judgement } = sample();
    const text = renderJunit(run, judgement);
    expect(() => parseXml(text)).not.toThrow();
    const count = (what: RegExp) => [...text.matchAll(what)].length;
    const head = /^<testsuites [^>]*tests="(\d+)" failures="(\d+)" errors="(\d+)" skipped="(\d+)"/m.exec(text);
    const counted = [/<testcase /g, /<failure /g, /<error /g, /<skipped /g].map(count);
    expect(head?.slice(1).map(Number)).toEqual(counted);
    for (const [whole] of text.matchAll(/<testcase [^>]*>/g))
      expect(whole).toMatch(/ classname="[^"]+" name="[^"]+" time="\d+\.\d{3}"/);
    const names = [...text.matchAll(/<testcase classname="([^"]*)" name="([^"]*)"/g)].map(
      ([, suite, name]) => `${suite} ${name}`,
    );
    expect(new Set(names).size).toBe(names.length);
    expect([...text.matchAll(/<testsuite name="([^"]+)"/g)].map(([, name]) => name)).toEqual([
      ...['zdd.steps', 'zdd.thresholds', 'zdd.generator'],
    ]);
  });

  it.each(EVERY_RUN)('is read by a JUnit parser, case for case: %s', async (_, sample) => {
    const { run, judgement } = sample();
    const read = await parse(renderJunit(run, judgement));
    const suites = read && 'testsuite' in read ? (read.testsuite ?? []) : [];
    const cases = suites.flatMap(({ testcase }) => testcase ?? []);
    expect(read).toMatchObject({ name: 'zdd-verify', tests: cases.length });
    expect(
      cases.every(({ classname, name, time }) => classname !== undefined && name !== undefined && time !== undefined),
    ).toBe(true);
    const red = cases.filter(({ failure, error }) => failure !== undefined || error !== undefined);
    expect(red.length > 0).toBe(judgement.exitCode !== 0);
  });

  it('says why in the element as well as in its attribute', () => {
    const { run, judgement } = downtime();
    const text = renderJunit(run, judgement);
    const told = [...text.matchAll(/<(failure|error) type="[^"]*" message="([^"]*)">([^<]*)<\/\1>/g)];
    expect(told).toHaveLength(4);
    for (const [, , message, content] of told) expect(content).toBe(message);
  });

  it('has the line of a threshold', () => {
    const { run, judgement } = downtime();
    expect(renderJunit(run, judgement)).toMatch(
      /name="http_req_failed rate==0 \[run\]"[^>]* file="zdd\/scenario.yaml" line="41"/,
    );
  });
});

describe('metrics.txt', () => {
  it.each(EVERY_RUN)('is OpenMetrics: %s', (_, sample) => {
    const { run, judgement } = sample();
    const families = readOpenMetrics(renderOpenMetrics(run, judgement));
    const value = (name: string, labels = {}) =>
      families.find((family) => family.name === name)?.samples.find((each) => matches(each.labels, labels))?.value;
    expect(value('zdd_verdict', { zdd_verdict: judgement.verdict })).toBe(1);
    expect(value('zdd_exit_code')).toBe(judgement.exitCode);
    expect(value('zdd_run')).toBe(1);
  });

  it('keeps the counts of the run, and texts as they were but for what is hidden', () => {
    const { run, judgement } = hostileRun();
    const families = readOpenMetrics(renderOpenMetrics(run, judgement));
    const requests = families.find(({ name }) => name === 'zdd_requests')?.samples ?? [];
    const total = requests.reduce((sum, { value }) => sum + value, 0);
    expect(total).toBe(run.cells.reduce((sum, cell) => sum + cell.requests, 0));
    const scenario = families.find(({ name }) => name === 'zdd_run')?.samples[0]?.labels.scenario ?? '';
    expect(scenario).toContain(HOSTILE.slice(0, 60));
  });

  it.each(EVERY_RUN)('is read by the reference parser, where it is installed: %s', (_, sample) => {
    const { run, judgement } = sample();
    const text = renderOpenMetrics(run, judgement);
    const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', REFERENCE], { input: text, encoding: 'utf8' });
    if (status === NOT_INSTALLED) return;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim().split('\n')).toEqual(readOpenMetrics(text).map(({ name }) => name));
  });
});

const matches = (labels: Record<string, string>, wanted: Record<string, string>) =>
  Object.entries(wanted).every(([name, value]) => labels[name] === value);
/** Debian: python3-prometheus-client. */
const PYTHON = process.env.ZDD_PYTHON ?? '/usr/bin/python3';
const NOT_INSTALLED = 77;
const REFERENCE = `
import sys
try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families
except ImportError:
    sys.exit(${NOT_INSTALLED})
for family in text_string_to_metric_families(sys.stdin.read()):
    print(family.name)
`;

describe('annotations', () => {
  it('name files by their path from the top of the checkout', () => {
    const env = { GITHUB_WORKSPACE: '/work/shop' };
    const { judgement } = downtime();
    const [first = ''] = githubAnnotations(judgement, (file) => checkoutPath(`/work/shop/web/${file}`, env));
    expect(first).toMatch(/^::error file=web\/zdd\/scenario\.yaml,line=41,title=/);
    expect(checkoutPath('/elsewhere/zdd.yaml', env)).toBe('/elsewhere/zdd.yaml');
    expect(checkoutPath('zdd.yaml', {})).toBe('zdd.yaml');
    expect(checkoutPath('zdd.yaml', { GITHUB_WORKSPACE: process.cwd() })).toBe('zdd.yaml');
  });

  it('escape what a path may hold', () => {
    const { judgement } = downtime();
    const [first = ''] = githubAnnotations(judgement, () => 'a:b,c%\n::error::x');
    expect(first).toMatch(/^::error file=a%3Ab%2Cc%25 %3A%3Aerror%3A%3Ax,line=41,/);
  });
});
