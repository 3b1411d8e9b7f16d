import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { githubAnnotations } from '../../src/report/annotations.js';
import { CLIENT_SCRIPTS } from '../../src/report/html/client.js';
import { type RenderedFile, renderAll } from '../../src/report/registry.js';
import { summaryLines } from '../../src/report/terminal.js';
import { HOSTILE, hostileRun } from './hostile.js';
import { parseXml } from './parse-xml.js';

const { run, judgement } = hostileRun();
const files = new Map<string, string>();

beforeAll(async () => {
  const assets = { chartJs: 'var Chart = "</script><!--";', annotationPlugin: '1;' };
  const { files: rendered, faults } = await renderAll(run, judgement, assets);
  expect(faults).toEqual([]);
  for (const { file, content } of rendered as (RenderedFile & { content: string })[]) files.set(file, content);
});

const text = (file: string) => files.get(file) as string;
/** Control characters, bidirectional overrides, separators and lone surrogates; a line feed of our own is fine. */
const ACTIVE =
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028-\u202E\u200B\uFFFE]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

describe('text of servers, steps and scenarios', () => {
  it('leaves no control character, override or lone surrogate in any output', () => {
    for (const [name, content] of files) {
      if (name === 'run.json') continue;
      expect(ACTIVE.exec(content.replaceAll('text/html', '')), name).toBeNull();
    }
    for (const line of summaryLines(run, judgement, { color: false, width: 100 })) expect(line).not.toMatch(ACTIVE);
    for (const line of githubAnnotations(judgement)) expect(line).not.toMatch(ACTIVE);
  });

  it('opens no element of its own in the HTML', () => {
    const content = text('report.html');
    expect(content).not.toMatch(/<img|<script>alert|onerror=alert\(2\)>/);
    expect(content).toContain('First faults');
    // Chart.js, its plugin, our own, and two blocks of data.
    const scripts = 2 + CLIENT_SCRIPTS.length + 2;
    expect(content.match(/<script[ >]/g)).toHaveLength(scripts);
    expect(content.match(/<\/script>/g)).toHaveLength(scripts);
    expect(content.match(/<title>[^<]*<\/title>/)?.[0]).toContain('&#60;script&#62;');
    const outside = content
      .replace(/<script[\s\S]*?<\/script>|<style>[\s\S]*?<\/style>/g, '')
      .replace(/<!doctype html>/, '');
    const balanced = outside.replace(/<(meta|link)([^>]*)>/g, '<$1$2/>').replace(/ (hidden)>/g, ' $1="">');
    expect(() => parseXml(balanced)).not.toThrow();
  });

  it('keeps the data block readable as JSON', () => {
    const block = /<script type="application\/json" id="timeline-data">([\s\S]*?)<\/script>/.exec(text('report.html'));
    expect(block?.[1]).not.toContain('<');
    expect(JSON.parse(block?.[1] as string).bands).toHaveLength(2);
  });

  it('runs no script but those whose hash the policy names', async () => {
    const content = text('report.html');
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(content)?.[1] as string;
    expect(policy).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(policy).not.toContain('unsafe');
    for (const [, body = ''] of content.matchAll(/<script>([\s\S]*?)<\/script>/g)) {
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(body));
      expect(policy).toContain(Buffer.from(digest).toString('base64'));
    }
    expect(content).not.toMatch(/ style="/);
    expect(content).not.toMatch(/ on\w+="/);
  });

  it('writes well-formed XML', () => {
    expect(() => parseXml(text('junit.xml'))).not.toThrow();
    const xmllint = spawnSync('xmllint', ['--noout', '-'], { input: text('junit.xml'), encoding: 'utf8' });
    if (xmllint.error === undefined) expect(xmllint.stderr).toBe('');
  });

  it('ends no line and no table cell of the Markdown', () => {
    const content = text('summary.md');
    expect(content).not.toMatch(/<script|<img|^::error/m);
    expect(content).not.toContain('](http');
    for (const line of content.split('\n').filter((row) => row.startsWith('| ✗') || row.startsWith('| step'))) {
      const cells = line.replace(/\\[\\|]/g, '').split('|').length;
      expect([8, 12]).toContain(cells);
    }
    expect(content).not.toMatch(/data:/);
  });

  it('ends the metrics exactly once', () => {
    expect(text('metrics.txt').match(/^# EOF$/gm)).toHaveLength(1);
    expect(text('metrics.txt').endsWith('# EOF\n')).toBe(true);
  });

  it('keeps run.json loss-free', () => {
    expect(JSON.parse(text('run.json')).headline).toBe(judgement.headline);
    expect(judgement.headline).toBe(HOSTILE);
  });

  it('writes one workflow command a line', () => {
    for (const line of githubAnnotations(judgement)) {
      expect(line).toMatch(/^::(error|warning) file=[^:]*,line=3,title=[^:,]*::/);
      expect(line).not.toContain('\n');
    }
  });
});
