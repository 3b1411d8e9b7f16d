import { VERDICT_MARK, VERDICT_TEXT } from '../judged.js';
import type { Output } from '../output.js';
import { clip } from '../text.js';
import { timelineOf } from '../timeline.js';
import { MOOD } from './banner.js';
import { type Html, html, raw } from './html.js';
import { drawingStyle } from './style.js';
import { drawTimeline, patterns, timelineLabel } from './svg.js';
import { CHAR, fill, LEFT, RIGHT } from './svg-parts.js';
import { type LegendEntry, legendMark, legendMarkWidth, legendOf } from './timeline-legend.js';

const WIDTH = 1160;
const HEAD = 62;
const LEGEND_ROW = 18;
const LETTERS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif';

/** The timeline as a drawing of its own, with title and legend: for slides and wikis, sharp at any size. */
export const svgTimeline: Output = {
  name: 'svg',
  file: 'timeline.svg',
  render: (run, judgement) => {
    const { verdict, headline } = judgement;
    const timeline = timelineOf(run, judgement);
    const { body, height } = drawTimeline(timeline, WIDTH);
    const legend = legendRows(legendOf(timeline));
    const total = HEAD + height + legend.height + 10;
    const title = `${VERDICT_MARK[verdict]} ${VERDICT_TEXT[verdict]}: ${run.header.scenario.name}`;
    const style = `${drawingStyle()}text{font-family:${LETTERS};font-variant-numeric:tabular-nums}`;
    return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${total}" width="${WIDTH}" height="${total}" role="img" aria-label="${title}. ${headline}. ${timelineLabel(timeline)}" font-size="11">
<style>${raw(style)}</style><defs>${patterns(timeline)}</defs><rect width="${WIDTH}" height="${total}" ${fill('page')}/>
<text x="${LEFT}" y="26" font-size="17" font-weight="650" ${fill(MOOD[verdict])}>${clip(title, 110)}</text><text x="${LEFT}" y="46" font-size="12" ${fill('text')}>${clip(headline, 160)}</text>
<g transform="translate(0 ${HEAD})">${body}</g>
<g transform="translate(${LEFT} ${HEAD + height})">${legend.body}</g>
</svg>
`.text;
  },
};

/** The entries from left to right, in as many rows as they need; their widths are estimates. */
function legendRows(entries: readonly LegendEntry[]): { body: Html; height: number } {
  let [x, y] = [0, 0];
  const items = entries.map((entry) => {
    const text = clip(entry.text, 40);
    const mark = legendMarkWidth(entry);
    const width = mark + 6 + text.length * CHAR + 16;
    if (x > 0 && x + width > WIDTH - LEFT - RIGHT) [x, y] = [0, y + LEGEND_ROW];
    const item = html`<g transform="translate(${Math.round(x)} ${y})">${legendMark(entry)}<text x="${mark + 6}" y="9" ${fill('dim')}>${text}</text></g>`;
    x += width;
    return item;
  });
  return { body: html`${items}`, height: y + LEGEND_ROW };
}
