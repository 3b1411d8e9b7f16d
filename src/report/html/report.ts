import type { Comparison } from '../../model/comparison.js';
import type { Run } from '../../model/run.js';
import type { Judgement } from '../../model/verdict.js';
import { VERDICT_MARK, VERDICT_TEXT } from '../judged.js';
import type { Output, ReportAssets } from '../output.js';
import { summarize } from '../summary.js';
import { timelineOf } from '../timeline.js';
import { adviceSection } from './advice.js';
import { banner, tiles } from './banner.js';
import { baseRunSection } from './base-run.js';
import { FOLLOW_SCRIPT } from './client/follow.js';
import { CLIENT_SCRIPTS } from './client.js';
import { connectionsSection } from './connections.js';
import { detectabilitySection } from './detectability.js';
import { failedRequestsData, failedRequestsSection } from './failed-requests.js';
import { causesSection, matrixSection, outputSection } from './failures.js';
import { flowsSection } from './flow-drill-down.js';
import { heatMapSection } from './heat-map.js';
import { type Html, html, raw } from './html.js';
import { latencyIntervalsSection } from './latency-intervals.js';
import { locksSection } from './locks.js';
import { environmentSection, generatorSection, methodSection } from './method.js';
import { migrationsSection } from './migrations.js';
import { oldChecksSection } from './old-checks.js';
import { probesSection } from './probes.js';
import { reconciliationSection } from './reconciliation.js';
import { findingsSection, outagesSection, stepsSection, thresholdsSection, versionsSection } from './release.js';
import { statusesSection } from './statuses.js';
import { styleSheet } from './style.js';
import { releaseSection } from './surroundings.js';
import { timelineData, timelineSection } from './timeline-figure.js';
import { underWayBanner, underWayTitle } from './under-way.js';
import type { Section, View } from './view.js';
import { watchSection } from './watch.js';

/** The report for people: one file that needs neither network nor script. */
export const htmlReport: Output = {
  name: 'html',
  file: 'report.html',
  render: (run, judgement, assets) => renderHtml(run, judgement, assets),
};

/** From half a minute's reading to an hour's. */
const sectionsOf = (comparison: Comparison | null): readonly Section[] => [
  timelineSection,
  findingsSection,
  oldChecksSection,
  thresholdsSection,
  stepsSection,
  baseRunSection(comparison),
  latencyIntervalsSection,
  releaseSection,
  migrationsSection,
  locksSection,
  adviceSection,
  outagesSection,
  probesSection,
  watchSection,
  reconciliationSection,
  causesSection,
  statusesSection,
  matrixSection,
  connectionsSection,
  flowsSection,
  heatMapSection,
  versionsSection,
  failedRequestsSection,
  outputSection,
  detectabilitySection,
  generatorSection,
  methodSection,
  environmentSection,
];

export async function renderHtml(run: Run, judgement: Judgement, assets: ReportAssets = {}): Promise<string> {
  const view: View = { run, judgement, summary: summarize(run), timeline: timelineOf(run, judgement) };
  const sections = sectionsOf(assets.comparison ?? null)
    .map((section) => ({ ...section, body: section.render(view) }))
    .filter(({ body }) => body !== null);
  const nav = sections.filter(({ nav: name }) => name !== undefined);
  const { head, tail } = assets.style === 'dir' ? linked() : await inlined(view, assets);
  const { scenario, tool, runId } = run.header;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">${head}
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">
<title>${assets.underWay ? `▶ ${underWayTitle(view)}` : `${VERDICT_MARK[judgement.verdict]} ${VERDICT_TEXT[judgement.verdict]}`}: ${scenario.name}</title></head>
<body>${assets.underWay ? underWayBanner(view) : banner(view)}
<nav aria-label="Sections"><ul>${nav.map(({ id, nav: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>${tiles(view)}
${sections.map(({ id, body }) => html`<section id="${id}">${body}</section>\n`)}</main>
<footer class="foot">${runId} · zdd-verify ${tool.version} · judged and drawn from the record alone: <code>zdd-verify report</code> makes this file again, byte for byte.</footer>${tail}
</body></html>
`.text;
}

interface Furniture {
  head: Html;
  tail: Html;
}

/** No script and no style of its own; a policy such as Jenkins' applies to what is left. */
function linked(): Furniture {
  const policy = `default-src 'none'; style-src * 'self'; img-src 'self'; base-uri 'none'; form-action 'none'`;
  return {
    head: html`<meta http-equiv="Content-Security-Policy" content="${raw(policy)}"><link rel="stylesheet" href="report.css">`,
    tail: html``,
  };
}

/** Style and scripts in the file, each allowed by its hash alone: markup that slipped through could run nothing. */
async function inlined(view: View, { chartJs, annotationPlugin, underWay }: ReportAssets): Promise<Furniture> {
  const style = styleSheet();
  const scripts =
    chartJs === undefined || annotationPlugin === undefined
      ? []
      : [chartJs, annotationPlugin, ...CLIENT_SCRIPTS, ...(underWay ? [FOLLOW_SCRIPT] : [])].map(scriptText);
  const [styleHash, ...scriptHashes] = await Promise.all([style, ...scripts].map(sha256));
  const scriptSource = scripts.length === 0 ? "'none'" : scriptHashes.map((hash) => `'${hash}'`).join(' ');
  const policy = `default-src 'none'; script-src ${scriptSource}; style-src '${styleHash}'; img-src data:;${underWay ? " connect-src 'self';" : ''} base-uri 'none'; form-action 'none'`;
  return {
    head: html`<meta http-equiv="Content-Security-Policy" content="${raw(policy)}"><link rel="icon" href="data:,"><style>${raw(style)}</style>${underWay && html`<noscript><meta http-equiv="refresh" content="5"></noscript>`}`,
    tail:
      scripts.length === 0
        ? html``
        : html`${data('timeline-data', timelineData(view.timeline))}${data('failures-data', failedRequestsData(view))}${scripts.map((text) => html`<script>${raw(text)}</script>`)}`,
  };
}

/** What scripts read; the policy knows no such element as one that runs. */
function data(id: string, json: Html | null): Html | null {
  return json === null ? null : html`<script type="application/json" id="${id}">${json}</script>`;
}

/** A bundle as it can stand in the page: without the link to its map, and with nothing that ends the element. */
function scriptText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
    .replace(/<\/script/gi, '<\\/script')
    .replace(/<!--/g, '<\\!--');
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `sha256-${btoa(String.fromCharCode(...digest))}`;
}
