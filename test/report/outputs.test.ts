import { HistogramLogReader, listTags } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { loadChartBundles, rasterize } from '../../src/platform/rasterize.js';
import { githubAnnotations } from '../../src/report/annotations.js';
import { timelineChart } from '../../src/report/chart.js';
import { renderHistogramLog } from '../../src/report/hlog.js';
import { renderHtml } from '../../src/report/html/report.js';
import { runJson } from '../../src/report/json.js';
import { renderJunit } from '../../src/report/junit.js';
import { placeLabels } from '../../src/report/labels.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { renderOpenMetrics } from '../../src/report/openmetrics.js';
import { OUTPUTS, renderAll } from '../../src/report/registry.js';
import { summaryLines } from '../../src/report/terminal.js';
import { timelineOf } from '../../src/report/timeline.js';
import { judgementOf } from './build-run.js';
import { parseXml } from './parse-xml.js';
import { cut, downtime, noOp, tenMinutes, zeroDowntime } from './sample-runs.js';

describe('run.json', () => {
  it('has sums that agree with each other', () => {
    const { run, judgement } = downtime();
    const { totals, phases } = runJson(run, judgement);
    expect(totals.requests).toBe(totals.ok + totals.failed + totals.retryable + totals.blocked);
    expect(totals.failed).toBe(Object.values(totals.byError).reduce((a, b) => a + b));
    expect(phases.reduce((sum, phase) => sum + phase.failed, 0)).toBe(totals.failed);
    expect(phases.reduce((sum, phase) => sum + phase.requests, 0)).toBe(totals.requests);
    expect(totals.byConnection.fresh.requests + totals.byConnection.reused.requests).toBe(totals.requests);
  });

  it('lists the setup and the baseline, and not the warm-up', () => {
    const { run, judgement } = downtime();
    expect(runJson(run, judgement).phases.map(({ name }) => name)).toEqual([
      ...['db', 'baseline', 'build', 'migrate', 'switch', 'reload', 'rollback'],
    ]);
  });

  it('says null, never zero, where nothing was measured', () => {
    const { run, judgement } = downtime();
    const { phases, probes, migration } = runJson(run, judgement);
    expect(phases[0]?.latency).toEqual({ p50: null, p90: null, p99: null, p999: null, max: null });
    expect(probes.ledger).toEqual({});
    expect(probes.idle).toEqual({ connections: 20, closedUnannounced: 1, of: 'pool of the traffic' });
    const locks = {
      locks: null,
      locksDropped: null,
      lookGapMs: null,
      blockedMs: null,
      waitedMs: null,
      lockPhases: null,
    };
    expect(migration).toEqual({ check: null, trace: null, ...locks });
  });

  it('gives latencies in milliseconds, failures at their timeout', () => {
    const { run, judgement } = downtime();
    const { latency, latencyOk } = runJson(run, judgement);
    expect(latency.p50).toBeGreaterThan(4);
    expect(latency.p50).toBeLessThan(9);
    expect(latency.max).toBe(5000);
    expect(latencyOk.max).toBeLessThan(200);
  });

  it('names the files that were written', async () => {
    const { run, judgement } = noOp();
    const { files } = await renderAll(run, judgement, {});
    const { artifacts } = JSON.parse(files.find(({ name }) => name === 'json')?.content as string);
    expect(Object.values(artifacts)).toEqual(files.map(({ file }) => file));
  });
});

describe('every output', () => {
  it('is the same bytes for the same run', async () => {
    const assets = { ...(await loadChartBundles()), rasterize };
    const render = async () => {
      const { run, judgement } = downtime();
      return (await renderAll(run, judgement, assets)).files.map(({ file, content }) => [
        file,
        Buffer.from(content).toString('base64'),
      ]);
    };
    const [first, second] = [await render(), await render()];
    expect(first.map(([file]) => file)).toContain('timeline.png');
    expect(first).toEqual(second);
  });

  it('has a name and a file of its own', () => {
    expect(new Set(OUTPUTS.map(({ name }) => name)).size).toBe(OUTPUTS.length);
    expect(new Set(OUTPUTS.map(({ file }) => file)).size).toBe(OUTPUTS.length);
  });

  it('does not keep the others from the reader when it throws', async () => {
    const { run, judgement } = noOp();
    const broken = () => {
      throw new Error('no canvas here');
    };
    const { files, faults } = await renderAll(run, judgement, { rasterize: broken });
    expect(faults).toEqual([{ name: 'png', message: 'no canvas here' }]);
    expect(files.map(({ name }) => name)).toContain('html');
  });

  it('is written for a run without a single request', async () => {
    const { run } = noOp();
    const empty = { ...run, phases: [], cells: [], buckets: [], versions: [], sendGaps: [], durationMs: 0 };
    const judgement = judgementOf(empty, {
      verdict: 'inconclusive',
      release: 'not-started',
      gate: 'inconclusive',
      exitCode: 94,
    });
    const { faults } = await renderAll(empty, judgement, { rasterize });
    expect(faults).toEqual([]);
    expect(summaryLines(empty, judgement, { color: false, width: 80 }).join('\n')).toContain('Exit 94');
  });
});

describe('report.html', () => {
  it('is written with a warning where it is over 5 MB', async () => {
    const { run, judgement } = noOp();
    const chartJs = `/*${'x'.repeat(5_000_000)}*/`;
    const large = await renderAll(run, judgement, { chartJs, annotationPlugin: '' });
    expect(large.files.map(({ name }) => name)).toContain('html');
    expect(large.warnings).toEqual([
      expect.stringMatching(/^report\.html has 5\.\d MB, and over 5 MB a browser is slow/),
    ]);
    expect((await renderAll(run, judgement, {})).warnings).toEqual([]);
  });

  it('is under 1 MB for ten minutes of 100 ms buckets, and still shows the one slow request', async () => {
    const { run, judgement } = tenMinutes();
    expect(run.buckets.length).toBeGreaterThan(5900);
    const content = await renderHtml(run, judgement, await loadChartBundles());
    expect(Buffer.byteLength(content)).toBeLessThan(1_000_000);
    const timeline = timelineOf(run, judgement, 200);
    expect(Math.max(...timeline.columns.map(({ maxMs }) => maxMs ?? 0))).toBe(5000);
    expect(timeline.columns.reduce((sum, { failed }) => sum + failed, 0)).toBe(1);
    expect(timeline.columns.reduce((sum, { requests }) => sum + requests, 0)).toBe(60_000);
  });

  it('asks the network for nothing', async () => {
    const { run, judgement } = downtime();
    const content = await renderHtml(run, judgement);
    expect(content).not.toMatch(/(?:src|href)="(?!#|data:,)/);
    expect(content).not.toMatch(/url\((?!#)|@import/);
  });

  it('links each outage to its place in the timeline, with an anchor for readers without script', async () => {
    const { run, judgement } = downtime();
    const content = await renderHtml(run, judgement);
    const links = [...content.matchAll(/href="#(t=[\d.]+-[\d.]+)"/g)].map(([, hash]) => hash as string);
    // Two outages, a stall, and the step of two findings.
    expect(links).toHaveLength(5);
    for (const hash of links) expect(content).toContain(`id="${hash}"`);
  });

  it('has neither script nor style of its own when the server forbids them', async () => {
    const { run, judgement } = downtime();
    const bundles = await loadChartBundles();
    const { files } = await renderAll(run, judgement, { ...bundles, style: 'dir' });
    const page = files.find(({ name }) => name === 'html')?.content as string;
    expect(page).not.toMatch(/<script|<style|style="/);
    expect(page).toContain('<link rel="stylesheet" href="report.css">');
    expect(files.map(({ file }) => file)).toContain('report.css');
  });

  it('draws no bar without height', async () => {
    const { run, judgement } = zeroDowntime();
    const content = await renderHtml(run, judgement);
    expect(content).not.toMatch(/<rect[^>]*height="0"/);
    expect(content).toContain('failed requests: none');
  });

  it('tells the three verdicts apart without colour', async () => {
    const signs = new Set<string>();
    for (const { run, judgement } of [zeroDowntime(), downtime(), noOp()]) {
      signs.add(/class="mark" d="([^"]*)"/.exec(await renderHtml(run, judgement))?.[1] as string);
    }
    expect(signs.size).toBe(3);
  });
});

describe('timeline', () => {
  it('draws the bands before the data, once for each scale', () => {
    const { run, judgement } = downtime();
    const chart = timelineChart(timelineOf(run, judgement));
    const annotations = chart.options?.plugins?.annotation?.annotations as Record<
      string,
      { drawTime: string; yScaleID: string }
    >;
    const bands = Object.entries(annotations).filter(([key]) => key.startsWith('band-'));
    expect(bands).toHaveLength(run.phases.length * 4);
    for (const [, band] of bands) expect(band.drawTime).toBe('beforeDatasetsDraw');
  });

  it('is plain data for the browser', () => {
    const { run, judgement } = downtime();
    const chart = timelineChart(timelineOf(run, judgement));
    expect(JSON.parse(JSON.stringify(chart))).toEqual(chart);
  });

  it('writes no name over another or over the edge of a band', () => {
    const bands = [0, 3, 5, 25].map((from, i) => ({ label: `phase ${i}`, from, to: from + 2 }));
    const placed = placeLabels(bands, { pixelsPerMs: 10, width: 400, charWidth: 7, maxRows: 4 });
    expect(placed.map(({ row }) => row)).toEqual([2, 1, 0, 0]);
  });

  it('is a PNG of 2400 x 1280 pixels', async () => {
    const { run, judgement } = downtime();
    const { files } = await renderAll(run, judgement, { rasterize }, ['png']);
    const bytes = Buffer.from(files[0]?.content as Uint8Array);
    expect(bytes.subarray(1, 4).toString()).toBe('PNG');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([2400, 1280]);
  });
});

describe('junit.xml', () => {
  it('counts what it lists', () => {
    const { run, judgement } = downtime();
    const text = renderJunit(run, judgement);
    const names = parseXml(text);
    expect(names.filter((name) => name === 'testsuite')).toHaveLength(3);
    expect(text).toContain(
      `tests="${names.filter((name) => name === 'testcase').length}" failures="3" errors="1" skipped="0"`,
    );
  });

  it('shows what proves nothing as an error, and what was not reached as skipped', () => {
    const { run, judgement } = cut();
    const text = renderJunit(run, judgement);
    expect(text).toMatch(/name="switch"[^>]*><error type="cut"/);
    expect(text).toMatch(/name="reload"[^>]*><skipped message="not reached"/);
    expect(text).toMatch(/name="the run proves something"[^>]*><error type="inconclusive"/);
  });

  it('is red somewhere whenever the exit code is not 0', () => {
    const { run, judgement } = zeroDowntime();
    expect(renderJunit(run, judgement)).not.toMatch(/<(error|failure)/);
    expect(renderJunit(run, { ...judgement, exitCode: 130 })).toMatch(
      /name="exit code 130"[^>]*><error type="exit-130"/,
    );
  });
});

describe('metrics.txt', () => {
  it('has each family once, described, and no series twice', () => {
    const { run, judgement } = downtime();
    const lines = renderOpenMetrics(run, judgement).trimEnd().split('\n');
    expect(lines.at(-1)).toBe('# EOF');
    const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(families).size).toBe(families.length);
    const series = lines.filter((line) => !line.startsWith('#')).map((line) => line.slice(0, line.lastIndexOf(' ')));
    expect(new Set(series).size).toBe(series.length);
    for (const line of lines.filter((entry) => entry.startsWith('# UNIT'))) {
      const [, , family = '', unit] = line.split(' ');
      expect(family.endsWith(`_${unit}`)).toBe(true);
    }
  });
});

describe('latency.hlog', () => {
  it('is read back by the reader of the library, count for count', () => {
    const { run } = downtime();
    const text = renderHistogramLog(run);
    const reader = new HistogramLogReader(text);
    let total = 0;
    let first: number | undefined;
    for (
      let histogram = reader.nextIntervalHistogram();
      histogram !== null;
      histogram = reader.nextIntervalHistogram()
    ) {
      total += histogram.totalCount;
      first ??= histogram.startTimeStampMsec;
    }
    expect(total).toBe(run.cells.reduce((sum, cell) => sum + cell.requests, 0));
    expect(first).toBe(Date.parse(run.header.startedAt) + 5000);
    expect(listTags(text)).toContain('reload/home/fresh');
  });
});

describe('terminal', () => {
  it('ends with what the target serves now and names the exit code', () => {
    const { run, judgement } = downtime();
    const lines = summaryLines(run, judgement, { color: false, width: 100 });
    expect(lines.at(-1)).toBe(' The target serves 3b9d2e1 now.');
    expect(lines).toContain(' Gate: fail. Exit 99: a threshold was crossed.');
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('keeps the release and the users apart', () => {
    const { run, judgement } = noOp();
    const lines = summaryLines(run, { ...judgement, release: 'rolled-back' }, { color: false, width: 100 });
    expect(lines).toContain(' RELEASE FAILED, rolled back.');
    expect(lines).toContain(' Users: 0 of 17,400 failed after the baseline.');
  });

  it('colours only where it is asked to', () => {
    const { run, judgement } = downtime();
    expect(summaryLines(run, judgement, { color: true, width: 100 }).join('')).toContain('\u001B[31m');
    expect(summaryLines(run, judgement, { color: false, width: 100 }).join('')).not.toContain('\u001B');
  });
});

describe('summary.md and annotations', () => {
  it('is short, with a sparkline and no image', () => {
    const { run, judgement } = downtime();
    const text = renderMarkdown(run, judgement);
    expect(text.length).toBeLessThan(60_000);
    expect(text).toContain('█');
    expect(text).not.toContain('![');
  });

  it('annotates at most ten thresholds, errors first', () => {
    const { run, judgement } = downtime();
    const [threshold] = judgement.thresholds;
    const thresholds = Array.from({ length: 14 }, (_, i) => ({
      ...threshold!,
      level: i < 6 ? ('warn' as const) : ('fail' as const),
    }));
    const lines = githubAnnotations({ ...judgementOf(run), thresholds });
    expect(lines).toHaveLength(10);
    expect(lines.slice(0, 8).every((line) => line.startsWith('::error '))).toBe(true);
    expect(lines[0]).toContain('3.4 %25');
  });
});
