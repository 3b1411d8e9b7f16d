import { messageOf } from '../model/errors.js';
import type { Run } from '../model/run.js';
import type { Judgement } from '../model/verdict.js';
import { histogramLog } from './hlog.js';
import { htmlReport } from './html/report.js';
import { htmlStylesheet } from './html/stylesheet.js';
import { svgTimeline } from './html/timeline-file.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { openMetrics } from './openmetrics.js';
import type { Output, ReportAssets } from './output.js';
import { png } from './png.js';

/** Every file made from the record. */
export const OUTPUTS: readonly Output[] = [
  json,
  htmlReport,
  htmlStylesheet,
  png,
  svgTimeline,
  markdown,
  junit,
  openMetrics,
  histogramLog,
];

export interface RenderedFile {
  name: string;
  file: string;
  content: string | Uint8Array;
}

export interface Rendered {
  files: RenderedFile[];
  /** Outputs that threw: a fault of the harness, which never ends in exit 0. */
  faults: { name: string; message: string }[];
  /** Plain sentences about files that were written, but that a reader may have trouble with. */
  warnings: string[];
}

/** From here on a page is slow to open and to pass on, bytes. */
const LARGE_PAGE = 5_000_000;

/** Renders the outputs named in `only` (all by default). One that throws does not keep the others from the reader. */
export async function renderAll(
  run: Run,
  judgement: Judgement,
  assets: ReportAssets,
  only?: readonly string[],
): Promise<Rendered> {
  const artifacts = assets.artifacts ?? artifactsOf(assets);
  const rendered: Rendered = { files: [], faults: [], warnings: [] };
  for (const output of OUTPUTS) {
    if (only !== undefined && !only.includes(output.name)) continue;
    try {
      const content = await output.render(run, judgement, { ...assets, artifacts });
      if (content !== null) rendered.files.push({ name: output.name, file: output.file, content });
    } catch (error) {
      rendered.faults.push({ name: output.name, message: messageOf(error) });
    }
  }
  rendered.warnings = rendered.files.flatMap(sizeWarning);
  return rendered;
}

function sizeWarning({ name, file, content }: RenderedFile): string[] {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content).length : content.length;
  if (name !== htmlReport.name || bytes <= LARGE_PAGE) return [];
  return [
    `${file} has ${(bytes / 1e6).toFixed(1)} MB, and over ${LARGE_PAGE / 1e6} MB a browser is slow to open it; the numbers are in ${json.file} and ${markdown.file} too.`,
  ];
}

function artifactsOf(assets: ReportAssets): Record<string, string> {
  const absent = [assets.style === 'dir' ? '' : htmlStylesheet.name, assets.rasterize === undefined ? png.name : ''];
  return Object.fromEntries(OUTPUTS.filter(({ name }) => !absent.includes(name)).map(({ name, file }) => [name, file]));
}
