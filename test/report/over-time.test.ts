import { describe, expect, it } from 'vitest';
import type { LatencyMap } from '../../src/model/over-time.js';
import { baseRunSection } from '../../src/report/html/base-run.js';
import { connectionsSection } from '../../src/report/html/connections.js';
import { flowsSection } from '../../src/report/html/flow-drill-down.js';
import { heatMapSection } from '../../src/report/html/heat-map.js';
import { levelOf, shadesOf } from '../../src/report/html/heat-shades.js';
import { barsPath } from '../../src/report/html/plot-bars.js';
import { statusesSection } from '../../src/report/html/statuses.js';
import type { Section, View } from '../../src/report/html/view.js';
import { summarize } from '../../src/report/summary.js';
import { timelineOf } from '../../src/report/timeline.js';
import { judgementOf } from './build-run.js';
import { comparisonOf } from './comparison.js';
import { HOSTILE, hostileRun, renameFlows } from './hostile.js';
import { parseXml } from './parse-xml.js';
import { downtime, type SampleRun, tenMinutes, zeroDowntime } from './sample-runs.js';

const SECTIONS = [heatMapSection, flowsSection, connectionsSection, statusesSection];

function viewOf({ run, judgement }: SampleRun): View {
  return { run, judgement, summary: summarize(run), timeline: timelineOf(run, judgement) };
}

function textOf(section: Section, view: View): string {
  return section.render(view)?.text ?? '';
}

/** Cells of the row that begins with a name, in the first table with that caption. */
function rowOf(text: string, caption: string, name: string): string[] {
  const table = text.slice(text.indexOf(`aria-label="${caption}"`));
  const row = table.slice(table.indexOf(`<th scope="row">${name}</th>`));
  return [...row.slice(0, row.indexOf('</tr>')).matchAll(/<td[^>]*>([^<]*)<\/td>/g)].map(([, cell = '']) => cell);
}

const broken = viewOf(downtime());

describe('drawings over the time of a run', () => {
  it('are well-formed, each with its text for a screen reader and its table, without inline style or handler', () => {
    for (const section of SECTIONS) {
      const text = textOf(section, broken);
      expect(() => parseXml(text), section.id).not.toThrow();
      expect(text).not.toMatch(/ style="| on\w+="|NaN|undefined|Infinity/);
      const drawings = text.match(/<svg class="(?:wide|narrow)"[^>]*>/g) ?? [];
      expect(drawings.length % 2).toBe(0);
      expect(drawings.length).toBeGreaterThan(0);
      for (const drawing of drawings) expect(drawing).toMatch(/role="img" aria-label="[^"]+".* data-axis="112000"/);
      expect(text).toContain('<details');
      expect(text).toContain('<table>');
    }
  });

  it('give no id twice, and refer to no other', () => {
    const text = SECTIONS.map((section) => textOf(section, broken)).join('');
    const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of text.matchAll(/(?:href="|url\()#([\w-]+)/g)) expect(ids).toContain(id);
  });

  it('are left out where nothing was judged', () => {
    const { run } = zeroDowntime();
    run.overTime = emptyOverTime(run);
    run.cells = [];
    const view = viewOf({ run, judgement: judgementOf(run) });
    expect(SECTIONS.map((section) => section.render(view))).toEqual([null, null, null, null]);
  });

  it('escape every text of a scenario and of a server', () => {
    const { run, judgement } = hostileRun();
    renameFlows(run);
    const view = viewOf({ run, judgement });
    const sections = [...SECTIONS, baseRunSection(comparisonOf(HOSTILE))];
    for (const section of sections) {
      const text = textOf(section, view);
      expect(text.length, section.id).toBeGreaterThan(500);
      expect(() => parseXml(text), section.id).not.toThrow();
      expect(text).not.toMatch(/<img|<script|onerror=alert\(2\)>/);
      expect(text).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028-\u202E\u200B\uFFFE]/);
    }
    expect(textOf(flowsSection, view)).toContain('&#60;script&#62;');
  });

  it('stay small in ten minutes of three flows, and with fifty flows', () => {
    const view = viewOf(tenMinutes());
    const sizes = SECTIONS.map((section) => textOf(section, view).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(260_000);
    const many = viewOf(withFlows(50));
    expect(textOf(flowsSection, many).match(/<details id="flow-/g)).toHaveLength(50);
    expect(textOf(flowsSection, many).length).toBeLessThan(600_000);
  }, 60_000);
});

describe('the latency heat map', () => {
  it('stays under 150 kB where no field is like its neighbours', () => {
    const view = viewOf(zeroDowntime());
    const rows = view.run.overTime.latencies.limitsMs.length;
    const counts = [1, 4, 15, 60, 240, 900];
    const field = (column: number, row: number) => (row < 10 || row >= 50 ? 0 : (counts[(column + row) % 6] ?? 0));
    const columns = Array.from({ length: 400 }, (_, column) =>
      Array.from({ length: rows }, (_, row) => field(column, row)),
    );
    const none = columns.map(() => 0);
    view.run.overTime.latencies = {
      ...view.run.overTime.latencies,
      ...{ fromMs: 0, columnMs: 280, ok: columns, failed: none, retryable: none },
    };
    const figure = textOf(heatMapSection, view).split('<details>')[0] ?? '';
    expect(figure.match(/M\d+ \d+h\d+/g)?.length).toBe(16_000);
    expect(figure.length).toBeLessThan(150_000);
  });

  it('has a row for what failed and its number, apart from the latencies', () => {
    const text = textOf(heatMapSection, broken);
    const failed = broken.run.cells.reduce((sum, cell) => sum + cell.failed, 0);
    expect(text).toContain(`failed: ${failed}, at most`);
    expect(textOf(heatMapSection, viewOf(zeroDowntime()))).not.toContain('failed: ');
  });

  it('has shades from 1 to the highest count, each count in one of them', () => {
    const shades = shadesOf([[0, 1, 5, 1000]]);
    expect(shades.levels.map(({ text }) => text)).toEqual([
      ...['1 to 3', '4 to 10', '11 to 31', '32 to 100', '101 to 316', '317 to 1,000'],
    ]);
    expect([0, 1, 3, 4, 10, 11, 1000].map((count) => levelOf(shades, count))).toEqual([-1, 0, 0, 1, 1, 2, 5]);
    expect(shadesOf([[1]]).levels).toEqual([{ from: 1, colour: 'heat5', text: '1' }]);
    expect(shadesOf([]).levels).toEqual([]);
    expect(shadesOf([[2]]).levels.map(({ text }) => text)).toEqual(['1', '2']);
  });

  it('has the same requests in its table', () => {
    const text = textOf(heatMapSection, broken).split('<details>')[1] ?? '';
    const numbers = [...text.matchAll(/<td class="n[^"]*">([\d,]+)<\/td>/g)].map(([, n]) =>
      Number(n?.replace(/,/g, '')),
    );
    const { ok, failed, retryable } = sumsOf(broken.run.overTime.latencies);
    expect(numbers.reduce((sum, count) => sum + count, 0)).toBe(ok + failed + retryable);
  });
});

describe('rows of bars', () => {
  it('show a single request beside a million, and join neighbours of one height', () => {
    expect(barsPath([0, 1, 0], 1_000_000)).toBe('M1 16V14h1V16z');
    expect(barsPath([4, 4, 2, 0], 4)).toBe('M0 16V0h2V16zM2 16V8h1V16z');
  });

  it('have a row for each status, and one for what had none', () => {
    const text = textOf(statusesSection, broken);
    const { byStatus, requests } = broken.summary.totals;
    for (const [status, count] of Object.entries(byStatus)) {
      expect(text).toContain(`>${status}: ${String(count).replace(/\B(?=(\d{3})+$)/g, ',')}, at most`);
    }
    const none = requests - Object.values(byStatus).reduce((sum, count) => sum + count, 0);
    expect(text).toContain(`>no status line: ${none}, at most`);
  });
});

describe('the flows', () => {
  it('name causes by step, and latency on fresh and on reused connections', () => {
    const text = textOf(flowsSection, broken);
    const cells = broken.run.cells.filter(({ flow }) => flow === 'home');
    const failed = cells.reduce((sum, cell) => sum + (cell.phase === 6 ? cell.failed : 0), 0);
    expect(rowOf(text, 'Failed requests of home by step', 'reload')[0]).toBe(String(failed));
    const fresh = cells.filter(({ connection }) => connection === 'fresh');
    const requests = fresh.reduce((sum, cell) => sum + cell.requests, 0);
    const row = rowOf(text, 'Latency of home by connection', 'fresh');
    expect(row[0]?.replace(/,/g, '')).toBe(String(requests));
    expect(row.at(-1)).toBe('5.0 s');
    expect(text).toMatch(/<summary><strong>home<\/strong> GET \/: [\d,]+ requests, <strong class="bad">\d+ failed/);
  });

  it('say so where the scenario has more of them than are told apart', () => {
    const many = viewOf(withFlows(60));
    expect(textOf(flowsSection, many)).toContain('10 more flows of the scenario');
  });
});

describe('fresh and reused connections', () => {
  it('are held against each other in each step', () => {
    const row = rowOf(textOf(connectionsSection, broken), 'Fresh and reused connections by step', 'migrate');
    expect(row).toHaveLength(8);
    const of = (kind: string) =>
      broken.run.cells
        .filter(({ phase, connection }) => phase === 4 && connection === kind)
        .reduce((sum, { requests }) => sum + requests, 0);
    expect([row[0], row[4]].map((text) => Number(text?.replace(/,/g, '')))).toEqual([of('fresh'), of('reused')]);
  });
});

describe('the comparison with earlier runs', () => {
  it('is left out where none was asked for', () => {
    expect(baseRunSection(null).render(broken)).toBeNull();
  });

  it('has the p99 of each step beside that of the base, and what changed', () => {
    const text = textOf(baseRunSection(comparisonOf('reload')), broken);
    const row = rowOf(text, 'Latency against earlier runs', 'reload');
    expect(row).toEqual(expect.arrayContaining(['10 ms', '12 ms', '31 ms', '40 ms']));
    expect(text).toContain('aria-label="base 31 ms, this run 40 ms"');
    expect(text).toContain('+4.0 ms to +14 ms');
    expect(() => parseXml(text)).not.toThrow();
  });
});

function sumsOf({ ok, failed, retryable }: LatencyMap): { ok: number; failed: number; retryable: number } {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);
  return { ok: total(ok.map(total)), failed: total(failed), retryable: total(retryable) };
}

function emptyOverTime({ overTime: { latencies, series, statuses } }: SampleRun['run']): SampleRun['run']['overTime'] {
  const none = { requests: [], failed: [], p50Ms: [], p99Ms: [], maxMs: [] };
  return {
    latencies: { ...latencies, ok: [], failed: [], retryable: [] },
    series: { ...series, flows: [], connections: series.connections.map((each) => ({ ...each, ...none })) },
    statuses: { ...statuses, statuses: [], others: [], none: [] },
  };
}

/** The requests of one flow, given to so many. */
function withFlows(count: number): SampleRun {
  const { run, judgement } = zeroDowntime();
  const [flow] = run.header.traffic.flows;
  const [series] = run.overTime.series.flows;
  const cells = run.cells.filter((cell) => cell.flow === flow?.name);
  if (flow === undefined || series === undefined) throw new Error('there is no flow');
  const names = Array.from({ length: count }, (_, i) => `flow ${i}`);
  run.header.traffic.flows = names.map((name) => ({ ...flow, name }));
  run.overTime.series.flows = names.slice(0, 50).map((name) => ({ ...series, flow: name }));
  run.cells = names.flatMap((name) => cells.map((cell) => ({ ...cell, flow: name })));
  return { run, judgement };
}
