import { HistogramLogWriter } from 'hdr-histogram-js';
import type { Cell, Run } from '../model/run.js';
import type { Output } from './output.js';
import { mergeHistograms, phaseLabel } from './summary.js';
import { visible } from './text.js';

/** Latency (end - due, microseconds) as an HdrHistogram log: one interval for each phase, flow and connection kind. */
export const histogramLog: Output = {
  name: 'hlog',
  file: 'latency.hlog',
  render: (run) => renderHistogramLog(run),
};

export function renderHistogramLog(run: Run): string {
  let text = '';
  const writer = new HistogramLogWriter((line) => {
    text += line;
  });
  const startSec = Date.parse(run.header.startedAt) / 1000;
  writer.outputComment('[Latency from the intended start of a request to its end, microseconds; Interval_Max in ms]');
  writer.outputComment('[Tags: phase/flow/connection, percent-encoded]');
  writer.outputLogFormatVersion();
  // The writer's own outputStartTime prints the local time zone.
  writer.outputComment(`[BaseTime: ${startSec.toFixed(3)} (seconds since epoch)]`);
  writer.outputComment(`[StartTime: ${startSec.toFixed(3)} (seconds since epoch), ${visible(run.header.startedAt)}]`);
  writer.outputLegend();
  for (const { tag, cells, startAt, endAt } of groupsOf(run)) {
    const merged = mergeHistograms(cells.map((cell) => cell.sinceDue));
    if (merged.totalCount === 0) continue;
    merged.tag = tag;
    writer.outputIntervalHistogram(merged, startAt / 1000, endAt / 1000, 1000);
  }
  return text;
}

/** Versions are merged: a tag names where and how a request was sent, not who answered. In order of time. */
function groupsOf(run: Run): { tag: string; cells: Cell[]; startAt: number; endAt: number }[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of run.cells) {
    const key = JSON.stringify([cell.phase, cell.flow, cell.connection]);
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(cell);
  }
  return [...groups.values()]
    .map((cells) => {
      const { phase: index, flow, connection } = cells[0] as Cell;
      const phase = run.phases[index];
      const name = phase === undefined ? `phase-${index}` : phaseLabel(run.phases, index);
      const tag = [name, flow, connection].map((part) => encodeURIComponent(visible(part))).join('/');
      return { tag, cells, startAt: phase?.startAt ?? 0, endAt: phase?.endAt ?? 0, index };
    })
    .sort((a, b) => a.index - b.index || (a.tag < b.tag ? -1 : 1));
}
