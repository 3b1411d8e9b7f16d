import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { judge } from '../../src/judge/judge.js';
import { svgTimeline } from '../../src/report/html/timeline-file.js';
import { buildRun, lost } from '../record/build-run.js';
import { HOSTILE, hostileRun } from './hostile.js';
import { parseXml } from './parse-xml.js';

function drawn(run: Parameters<typeof judge>[0]): string {
  return svgTimeline.render(run, judge(run), {}) as string;
}

const FAILING = buildRun({
  fate: ({ phase, seq }) => (phase === 'reload' && seq % 2 === 0 ? { outcome: lost('refused'), latencyMs: 1 } : {}),
});

it('is a drawing of its own, with the verdict, the phases and a legend', () => {
  const svg = drawn(FAILING);
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 1160 \d+"/);
  expect(svg).toContain('✗ Downtime');
  for (const text of ['reload', 'refused', 'p99', 'fastest to slowest']) expect(svg).toContain(`>${text}</text>`);
  expect(svg).not.toMatch(/https?:\/\/(?!www\.w3\.org\/2000\/svg)|<script|data:/);
});

it('is well-formed, also with hostile names', () => {
  const { run, judgement } = hostileRun();
  const hostile = svgTimeline.render(run, judgement, {}) as string;
  for (const svg of [drawn(FAILING), hostile]) {
    expect(() => parseXml(svg)).not.toThrow();
    const xmllint = spawnSync('xmllint', ['--noout', '-'], { input: svg, encoding: 'utf8' });
    if (xmllint.error === undefined) expect(xmllint.stderr).toBe('');
  }
  expect(hostile).not.toContain(HOSTILE);
  expect(hostile).not.toMatch(/<img|<script/);
});

it('refers to no pattern that it does not define', () => {
  const svg = drawn(FAILING);
  const defined = new Set([...svg.matchAll(/<pattern id="([^"]+)"/g)].map(([, id]) => id));
  const used = [...svg.matchAll(/url\(#([^)]+)\)/g)].map(([, id]) => id);
  expect(used.length).toBeGreaterThan(0);
  for (const id of used) expect(defined).toContain(id);
});
