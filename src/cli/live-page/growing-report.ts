import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { monotonicNs } from '../../platform/clock.js';
import { loadChartBundles } from '../../platform/rasterize.js';
import { renderHtml } from '../../report/html/report.js';
import { judgeRecord } from '../results.js';

/** A page, and how far into the run it reaches, ms. */
export interface RenderedPage {
  html: string;
  at: number;
}

/** A page is not made again before this, nor before ten times what the last one took: a tenth of a core at most. */
const LEAST_BETWEEN_MS = 2000;
const REST_FACTOR = 9;

/**
 * The report of a record that is still written. Each page is made from the whole record as it stands, by what makes the
 * final one.
 */
export class GrowingReport {
  readonly #dir: string;
  #latest: RenderedPage | null = null;
  #making: Promise<RenderedPage> | null = null;
  #dueNs = 0n;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** The newest page there is, made now where there is none. Rejects where the record cannot be read, as at its very beginning. */
  latest(): Promise<RenderedPage> {
    return this.#latest === null ? this.#make() : Promise.resolve(this.#latest);
  }

  /** Makes a page anew where that is due; null where it is not. */
  async renew(): Promise<RenderedPage | null> {
    if (this.#making !== null || monotonicNs() < this.#dueNs) return null;
    return await this.#make();
  }

  /** The report that the run has left; the last page where it has left none. */
  async final(): Promise<string> {
    return await readFile(join(this.#dir, 'report.html'), 'utf8').catch(async () => (await this.latest()).html);
  }

  #make(): Promise<RenderedPage> {
    this.#making ??= this.#render().finally(() => {
      this.#making = null;
    });
    return this.#making;
  }

  async #render(): Promise<RenderedPage> {
    const beganNs = monotonicNs();
    try {
      const { run, judgement } = await judgeRecord(this.#dir);
      const { chartJs, annotationPlugin } = await loadChartBundles();
      const html = await renderHtml(run, judgement, { chartJs, annotationPlugin, underWay: true });
      this.#latest = { html, at: Math.round(run.durationMs) };
      return this.#latest;
    } finally {
      const tookMs = Number(monotonicNs() - beganNs) / 1e6;
      this.#dueNs = monotonicNs() + BigInt(Math.round(Math.max(LEAST_BETWEEN_MS, tookMs * REST_FACTOR) * 1e6));
    }
  }
}
