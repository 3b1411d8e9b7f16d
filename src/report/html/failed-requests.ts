import { FAILURES_KEPT, type FailedRequest, type Run } from '../../model/run.js';
import { formatMs, plural } from '../../model/units.js';
import { phaseLabel } from '../summary.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html, scriptJson } from './html.js';
import { type Row, table } from './table.js';
import { placeOf, type Section, type View } from './view.js';

/** Rows for readers without scripts. */
const MAX_ROWS = 150;
/** Rows that scripts filter, and the bytes they may take. */
const MAX_PACKED = FAILURES_KEPT;
const MAX_BYTES = 300_000;
const DETAIL_LENGTH = 200;
const VERSION_LENGTH = 40;

export const failedRequestsSection: Section = {
  id: 'failed-requests',
  render: ({ run, summary }) => {
    if (run.failures.length === 0) return null;
    const rows = run.failures.slice(0, MAX_ROWS);
    const packed = packedRows(run).rows.length;
    const more = summary.totals.failed - rows.length;
    const beyond = summary.totals.failed - packed;
    return html`<h2>Failed requests</h2><p>In order of their end; numbers are those of the schedule.</p>${table(
      'Failed requests',
      [
        { name: 'ended' },
        { name: 'step', wide: true },
        { name: '#', number: true },
        { name: 'flow' },
        { name: 'connection' },
        { name: 'cause' },
        { name: 'status', number: true },
        { name: 'detail', wide: true },
        { name: 'since due', number: true },
        { name: 'version' },
      ],
      rows.map((failure) => failureRow(run, failure)),
    )}${more > 0 && html`<p class="more unfiltered">${plural(more, 'more failed request')}: every request is in <code>samples.arrow</code> beside this file.</p>`}${
      beyond > 0 &&
      html`<p class="more beyond">The first ${plural(packed, 'failed request')} can be searched here; ${plural(beyond, 'later one')}, as every request, in <code>samples.arrow</code> beside this file.</p>`
    }`;
  },
};

function failureRow(run: Run, failure: FailedRequest): Row {
  return {
    cells: [
      atSeconds(failure.endedAt),
      placeOf(run, failure.phase, failure.endedAt),
      String(failure.seq),
      failure.flow,
      html`${failure.connection}${failure.reuse > 0 && html`<span class="sub">request ${failure.reuse + 1}, idle ${formatMs(failure.idleMs)}</span>`}`,
      causeOf(failure),
      statusOf(failure) === 0 ? '' : String(statusOf(failure)),
      detailOf(failure),
      formatMs(failure.endedAt - failure.dueAt),
      versionOf(failure),
    ],
  };
}

function causeOf({ outcome }: FailedRequest): string {
  return 'cause' in outcome ? outcome.cause : outcome.kind;
}

/** 0 where no status line came. */
function statusOf({ outcome }: FailedRequest): number {
  return 'status' in outcome ? (outcome.status ?? 0) : 0;
}

function detailOf({ outcome }: FailedRequest): string {
  return 'detail' in outcome ? clip(outcome.detail, DETAIL_LENGTH) : '';
}

function versionOf({ version }: FailedRequest): string {
  return version === null ? '' : clip(version, VERSION_LENGTH);
}

/** What the browser filters, or null where nothing failed. */
export function failedRequestsData({ run }: View): Html | null {
  return run.failures.length === 0 ? null : scriptJson(packedRows(run));
}

interface Packed {
  /** Texts that rows refer to by their place. */
  texts: string[];
  /** Label and begin of each phase, ms. */
  steps: [string, number][];
  /** Ended, number, flow, step, fresh, reuse, idle, cause, status, detail, since due, version. */
  rows: number[][];
}

/** As many rows as fit; each text is there once, however many requests it was said of. */
function packedRows(run: Run): Packed {
  const places = new Map<string, number>();
  const packed: Packed = {
    texts: [],
    steps: run.phases.map(({ startAt }, index) => [clip(phaseLabel(run.phases, index), 200), micros(startAt)]),
    rows: [],
  };
  let bytes = sizeOf(packed.steps);
  for (const failure of run.failures.slice(0, MAX_PACKED)) {
    const texts = [clip(failure.flow, 200), causeOf(failure), detailOf(failure), versionOf(failure)];
    const added = [...new Set(texts)].filter((text) => !places.has(text));
    const place = (index: number) => places.get(texts[index] as string) ?? 0;
    for (const text of added) places.set(text, places.size);
    const row = [
      ...[micros(failure.endedAt), failure.seq, place(0), failure.phase, failure.connection === 'fresh' ? 1 : 0],
      ...[failure.reuse, micros(failure.idleMs), place(1), statusOf(failure), place(2)],
      ...[micros(failure.endedAt - failure.dueAt), place(3)],
    ];
    bytes += sizeOf(row) + 1 + added.reduce((sum, text) => sum + sizeOf(text) + 1, 0);
    if (bytes > MAX_BYTES) break;
    packed.texts.push(...added);
    packed.rows.push(row);
  }
  return packed;
}

function micros(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

function sizeOf(value: unknown): number {
  return new TextEncoder().encode(scriptJson(value).text).length;
}
