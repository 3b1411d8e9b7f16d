import { beforeAll, describe, expect, it } from 'vitest';
import type { ProbeName, ProbeRun } from '../../src/model/probe.js';
import { renderHtml } from '../../src/report/html/report.js';
import { scheduleText } from '../../src/report/html/schedule.js';
import { runJson } from '../../src/report/json.js';
import { renderJunit } from '../../src/report/junit.js';
import { renderMarkdown } from '../../src/report/markdown.js';
import { renderOpenMetrics } from '../../src/report/openmetrics.js';
import { lostBesideMix, probeLines } from '../../src/report/probes.js';
import { summaryLines } from '../../src/report/terminal.js';
import { buildRun, judgementOf } from './build-run.js';
import { RELEASE } from './sample-runs.js';

const probe = (name: ProbeName, change: Partial<ProbeRun> = {}): ProbeRun => ({
  ...{ probe: name, detail: `what ${name} does`, readyAt: 6000, ended: true, requests: 90, failed: 0 },
  ...{ counts: {}, byPhase: [], faults: [], unlisted: [], times: [], versions: [], straddled: [], borneIdleMs: 0 },
  ...{ failures: [], failing: [] },
  ...change,
});

const LEDGER = probe('ledger', {
  failed: 1,
  counts: { acknowledged: 88, lost: 3, duplicated: 0, failed: 0 },
  byPhase: [
    { phase: 6, counts: { lost: 2 } },
    { phase: 7, counts: { lost: 1 } },
  ],
  faults: [{ at: 75_000, since: 74_000, phase: 6, count: 'lost', detail: 'order 17 answers 404' }],
});

/** Idle connections and long requests that found nothing, a ledger that did, and events that never came. */
function probed() {
  const run = buildRun({
    phases: RELEASE,
    faults: [
      { from: 62_000, to: 62_100, outcome: { kind: 'blocked', status: 429, detail: 'too many' } },
      { from: 63_000, to: 63_100, outcome: { kind: 'ok', status: 200 }, cached: true },
    ],
    header: { probes: ['idle', 'inflight', 'ledger', 'sse'] },
    change: {
      probes: [
        probe('idle', { counts: { connections: 50, closedUnannounced: 0, failed: 0 } }),
        probe('inflight', { straddled: [6, 7] }),
        LEDGER,
        probe('sse', { readyAt: null, detail: '', requests: 0 }),
      ],
    },
  });
  return { run, judgement: judgementOf(run) };
}

describe('run.json', () => {
  const { run, judgement } = probed();
  const { probes, totals, phases, generator, traffic } = runJson(run, judgement);

  it('has each probe with its counts, its faults by step and the first of them', () => {
    expect(probes.ledger).toMatchObject({
      ...{ acknowledged: 88, lost: 3, duplicated: 0, failed: 0, ready: true, ended: true, requests: 90 },
      byPhase: [
        { phase: 'reload', lost: 2 },
        { phase: 'rollback', lost: 1 },
      ],
      faults: [{ atMs: 75_000, sinceMs: 74_000, phase: 'reload', count: 'lost', detail: 'order 17 answers 404' }],
    });
    expect(probes.idle).toMatchObject({ connections: 50, closedUnannounced: 0 });
    expect(probes.inflight).toMatchObject({ failed: 0, straddled: ['reload', 'rollback'] });
  });

  it('has no zero of a probe that never worked, and nothing of one that is not there', () => {
    expect(probes.sse).toMatchObject({ ready: false, readyMs: null });
    expect(probes.sse).not.toHaveProperty('lost');
    expect(probes.upload).toEqual({});
  });

  it('counts blocked and cached answers, and every cause there is', () => {
    expect(totals).toMatchObject({ blocked: 20, cached: 20, failed: 0 });
    expect(totals.requests).toBe(totals.ok + totals.failed + totals.retryable + totals.blocked);
    expect(phases.find(({ name }) => name === 'migrate')).toMatchObject({ blocked: 20, cached: 20 });
    expect(totals.byError).toMatchObject({ goaway: 0, 'refused-stream': 0 });
  });

  it('has the threads, the machine and where the flows go', () => {
    expect(generator).toMatchObject({ threads: 1, gcMs: { max: 1.9, total: 84 }, machine: { dns: null } });
    expect(traffic.flows[0]).toMatchObject({ name: 'home', target: '', stream: '' });
  });
});

describe('outputs for people', () => {
  it('have a line for each probe that found something, and one for the others', () => {
    const { run } = probed();
    expect(probeLines(run).map(({ text }) => text)).toEqual([
      'ledger: 3 acknowledged writes were lost: 2 in reload, 1 in rollback (rehearsal)',
      'sse: never worked',
      'probes: idle 50, inflight: nothing found',
    ]);
  });

  it('say beside the requests of the mix what else users lost', () => {
    const { run, judgement } = probed();
    expect(lostBesideMix(run)).toEqual(['3 acknowledged writes were lost']);
    const lines = summaryLines(run, judgement, { color: false, width: 100 });
    const at = lines.findIndex((line) =>
      / Users: 0 of [\d,]+ requests of the mix failed after the baseline/.test(line),
    );
    expect(lines[at + 1]).toBe('        3 acknowledged writes were lost.');
    expect(renderMarkdown(run, judgement)).toMatch(
      /\*\*Users\*\* 0 of [\d,]+ requests of the mix failed after the baseline; 3 acknowledged writes were lost;/,
    );
  });

  let page: string;
  beforeAll(async () => {
    const { run, judgement } = probed();
    page = await renderHtml(run, judgement);
  });

  it('say it on the terminal, in the summary and on the page', () => {
    const { run, judgement } = probed();
    const terminal = summaryLines(run, judgement, { color: false, width: 120 }).join('\n');
    const summary = renderMarkdown(run, judgement);
    for (const text of [terminal, summary, page]) expect(text).toContain('acknowledged writes were lost');
    expect(terminal).toContain('20 blocked by a rate limiter or firewall');
    expect(summary).toContain('**Blocked** 20 requests');
    expect(page).toContain('id="probes"');
    expect(page).toContain('order 17 answers 404');
    expect(page).toContain('in flight at the start of reload, rollback');
    expect(renderJunit(run, judgement)).toContain('20 blocked');
  });

  it('say nothing of probes where there are none', async () => {
    const run = buildRun({ phases: RELEASE });
    expect(probeLines(run)).toEqual([]);
    expect(await renderHtml(run, judgementOf(run))).not.toContain('id="probes"');
    expect(renderMarkdown(run, judgementOf(run))).not.toContain('### Probes');
  });

  it('show what the machine did, with a dash where it does not say', () => {
    expect(page).toContain('96 of 65,536');
    expect(page).toMatch(/Resolver<\/dt><dd>–/);
  });
});

it('the metrics count the faults of probes that worked', () => {
  const { run, judgement } = probed();
  const text = renderOpenMetrics(run, judgement);
  expect(text).toContain('zdd_probe_faults_total{probe="ledger",count="lost"} 3');
  expect(text).toContain('zdd_probe_faults_total{probe="ledger",count="duplicated"} 0');
  expect(text).not.toContain('probe="sse"');
  expect(text).toMatch(/zdd_requests_total\{[^}]*phase="migrate"[^}]*outcome="blocked"\} 20/);
});

describe('the method', () => {
  const { traffic } = buildRun({ phases: RELEASE }).header;

  it('names a constant rate', () => {
    expect(scheduleText(traffic)).toBe(
      'Requests start on a fixed schedule, evenly spaced, and never wait for answers: 200 a second.',
    );
  });

  it('names stages, streams, random arrivals and threads', () => {
    const streams = [
      {
        name: '',
        rate: [
          { at: 0, fromPerSec: 20, toPerSec: 200, forMs: 30_000 },
          { at: 30_000, fromPerSec: 200, toPerSec: 200, forMs: null },
        ],
      },
      { name: 'checkout', rate: [{ at: 0, fromPerSec: 5, toPerSec: 5, forMs: null }] },
    ];
    expect(scheduleText({ ...traffic, streams, arrival: 'poisson', threads: 2 })).toBe(
      'Requests start on a fixed schedule, at random intervals (Poisson), and never wait for answers: the mix 20 to 200 a second for 30.0 s, then 200 a second; checkout 5 a second. 2 threads send in turn on this one schedule.',
    );
  });
});
