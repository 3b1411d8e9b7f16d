import { formatMs } from '../../model/units.js';
import type { ColourName } from '../palette.js';
import { versionColour } from '../palette.js';
import { atSeconds, clip, offset } from '../text.js';
import type { Timeline } from '../timeline.js';
import { watchSummaries } from '../watch.js';
import { type Lane, type Tone, watchLanes } from '../watch-lanes.js';
import { type Html, html, raw } from './html.js';
import { fill, LEFT, niceStep, num, RIGHT, stroke } from './svg-parts.js';
import { type Row, table } from './table.js';
import { placeOf, type Section, type View } from './view.js';

const CAPTION = 15;
const ROW = 14;
const THIN_ROW = 4;
const THINNEST_ROW = 3;
const MANY_ROWS = 16;
const GAP = 8;
const MAX_LINES = 60;

/** What was watched beside the traffic, on its time axis; nothing where the scenario watches nothing. */
export const watchSection: Section = {
  id: 'watched',
  nav: 'Watched',
  render: (view) => {
    const summaries = watchSummaries(view.run);
    if (summaries.length === 0) return null;
    const { lanes, more } = watchLanes(view.run);
    return html`<h2>Watched</h2>
<p>Evidence that no request gives, on the same time axis. It changes the verdict in one case alone: where no version is declared, links and processes show whether the release changed anything.</p>
<figure>${lanesSvg(lanes, view.timeline, { width: 1160, className: 'wide' })}${lanesSvg(lanes, view.timeline, { width: 400, className: 'narrow' })}</figure>${
      more > 0 && html`<p class="more">${more} more are in the table alone.</p>`
    }${table(
      'Watched',
      [{ name: 'name' }, { name: 'kind' }, { name: 'what', wide: true }, { name: 'seen', wide: true }],
      summaries.map(
        ({ watch, kind, texts, isBlind }): Row => ({
          tone: isBlind ? 'warn' : undefined,
          cells: [
            clip(watch.name, 100),
            kind,
            clip(watch.of, 200),
            html`${texts.map((text) => html`<span class="sub">${text}</span>`)}`,
          ],
        }),
      ),
    )}${lines(view)}`;
  },
};

interface Frame {
  x(ms: number): number;
  width: number;
  bottom: number;
}

/** Static: the titles carry what a pointer asks for, and the table has the rest. */
function lanesSvg(
  lanes: readonly Lane[],
  timeline: Timeline,
  { width, className }: { width: number; className: string },
): Html {
  const heights = lanes.map((lane) => CAPTION + laneHeight(lane) + GAP);
  const bottom = heights.reduce((sum, height) => sum + height, 6);
  const perMs = (width - LEFT - RIGHT) / timeline.durationMs;
  const frame: Frame = { x: (ms) => LEFT + Math.min(timeline.durationMs, Math.max(0, ms)) * perMs, width, bottom };
  let top = 6;
  const drawn = lanes.map((lane, index) => {
    const shown = laneSvg(lane, top, frame);
    top += heights[index] as number;
    return shown;
  });
  const label = `What was watched: ${lanes.map((lane) => lane.label).join(', ')}`;
  return html`<svg class="${className}" data-axis="time" viewBox="0 0 ${width} ${bottom + 24}" width="${width}" height="${bottom + 24}" role="img" aria-label="${clip(label, 400)}" font-size="11">${bands(timeline, frame)}${drawn}${axis(timeline, frame)}</svg>`;
}

function laneHeight({ rows }: Lane): number {
  return rows.length > 1 ? rows.length * rowHeight(rows.length) : ROW;
}

function rowHeight(rows: number): number {
  return rows > MANY_ROWS ? THINNEST_ROW : rows > 1 ? THIN_ROW : ROW;
}

function laneSvg(lane: Lane, top: number, { x, width }: Frame): Html {
  const y = top + CAPTION;
  const height = laneHeight(lane);
  const step = rowHeight(lane.rows.length);
  const chars = Math.floor((width - LEFT - RIGHT) / 6.5);
  const bar = (from: number, to: number) => num(Math.max(1, x(to) - x(from)));
  return html`<g><text x="${LEFT + 3}" y="${top + 11}" ${fill('dim')}>${clip(lane.label, chars)}</text>${lane.rows.map(
    (row, index) =>
      row.map(
        ({ from, to, text, tone, index: nth }) =>
          html`<rect x="${num(x(from))}" y="${y + index * step}" width="${bar(from, to)}" height="${step - 1}" ${fill(colourOf(tone, nth))}><title>${clip(text, 200)}, ${formatMs(to - from)} from ${offset(from)}</title></rect>`,
      ),
  )}${valueLine(lane, y, height, x)}${lane.marks.map(
    ({ at, text, tone }) =>
      html`<path d="M${num(x(at))} ${y}v${height}" ${stroke(tone === 'bad' ? 'bad' : 'unsure')} stroke-width="2"><title>${atSeconds(at)}: ${clip(text, 200)}</title></path>`,
  )}${lane.blind.map(
    ({ from, to, text }) =>
      html`<rect x="${num(x(from))}" y="${y}" width="${bar(from, to)}" height="${height}" ${fill('unsure')} fill-opacity=".25"><title>not seen for ${formatMs(to - from)}: ${clip(text, 200)}</title></rect>`,
  )}</g>`;
}

function valueLine({ line }: Lane, y: number, height: number, x: Frame['x']): Html | null {
  if (line.length === 0) return null;
  const points = line.map(({ at, share }) => `${num(x(at))} ${num(y + height - share * height)}`);
  return html`<path d="${raw(`M${points.join('L')}`)}" ${stroke('accent')} stroke-width="1.4" fill="none"/>`;
}

const COLOURS: Record<Exclude<Tone, 'state'>, ColourName> = {
  good: 'good',
  bad: 'bad',
  old: 'version0',
  new: 'version1',
  main: 'strong',
};

function colourOf(tone: Tone, nth: number): ColourName {
  return tone === 'state' ? versionColour(nth) : COLOURS[tone];
}

function bands({ bands: all }: Timeline, { x, bottom }: Frame): Html {
  return html`${all.map(
    ({ index, label, from, to }) =>
      html`<g><title>${label}</title><rect x="${num(x(from))}" y="0" width="${num(x(to) - x(from))}" height="${bottom}" ${fill(index % 2 === 0 ? 'bandA' : 'bandB')}/><path d="M${num(x(from))} 0V${bottom}" ${stroke('strong')} stroke-width="1" stroke-opacity=".7"/></g>`,
  )}`;
}

function axis({ durationMs }: Timeline, { x, bottom, width }: Frame): Html {
  const step = niceStep(durationMs / 1000 / (width < 600 ? 4 : 10));
  const ticks: number[] = [];
  for (let at = 0; at <= durationMs / 1000 + 0.001; at += step) ticks.push(at);
  return html`<path d="M${LEFT} ${bottom}H${width - RIGHT}" ${stroke('strong')} stroke-width="1"/>${ticks.map(
    (at) =>
      html`<text x="${num(x(at * 1000))}" y="${bottom + 16}" text-anchor="${at === 0 ? 'start' : 'middle'}" ${fill('dim')}>${Number(at.toFixed(1))} s</text>`,
  )}`;
}

/** The lines that were kept, the first ones. */
function lines({ run }: View): Html | null {
  const all = run.watchers
    .flatMap(({ name, lines: own }) => own.map((line) => ({ ...line, name })))
    .sort((a, b) => a.at - b.at);
  if (all.length === 0) return null;
  const rows = all.slice(0, MAX_LINES).map(
    ({ at, name, pattern, text, requestId }): Row => ({
      cells: [
        atSeconds(at),
        placeAt(run, at),
        clip(name, 80),
        clip(pattern, 60),
        clip(text, 300),
        clip(requestId ?? '', 60),
      ],
    }),
  );
  return html`<details><summary>Lines of logs that matched</summary>${table(
    'Lines of logs that matched',
    [
      { name: 'at' },
      { name: 'step', wide: true },
      { name: 'log' },
      { name: 'pattern' },
      { name: 'line', wide: true },
      { name: 'request' },
    ],
    rows,
  )}${all.length > rows.length && html`<p class="more">${all.length - rows.length} more in <code>run.json</code> and the journal.</p>`}</details>`;
}

function placeAt(run: View['run'], at: number): string {
  const index = run.phases.findLastIndex(({ startAt }) => startAt <= at);
  return placeOf(run, index, at);
}
