import type { Run } from '../../model/run.js';
import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import type { Judgement } from '../../model/verdict.js';
import type { VersionStep, VersionTimeline } from '../../model/version-timeline.js';
import { versionColour } from '../palette.js';
import { phaseLabel } from '../summary.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { fill, num } from './svg-parts.js';
import { type Row, table } from './table.js';

/** Versions with a column of their own; the others have one together. */
const SHOWN = 4;
const BAR = { width: 90, height: 10 };

/** Share and errors of each version by step, and how the change ended; nothing where a judgement has no timeline. */
export function versionShares(run: Run, { versionTimeline: timeline }: Judgement): Html | null {
  if (timeline == null) return null;
  const names = timeline.versions.map(({ version }) => version);
  const shown = names.length > SHOWN ? names.slice(0, SHOWN - 1) : names;
  const sentences = sentencesOf(timeline);
  return html`${sentences.length > 0 && html`<p>${sentences.join(' ')}</p>`}${table(
    'Answers of each version by step',
    [
      { name: 'step' },
      { name: 'share' },
      ...shown.map((name) => ({ name: clip(name, 40), number: true })),
      ...(shown.length < names.length ? [{ name: 'others', number: true }] : []),
      { name: 'failed without a version', number: true },
    ],
    timeline.steps.map((step) => stepRow(run, step, names, shown)),
  )}`;
}

function stepRow({ phases }: Run, step: VersionStep, names: readonly string[], shown: readonly string[]): Row {
  const others = step.shares.filter(({ version }) => !shown.includes(version));
  const sum = (key: 'requests' | 'share' | 'failed') => others.reduce((total, share) => total + share[key], 0);
  const failed = step.failedUnknown + step.shares.reduce((total, share) => total + share.failed, 0);
  return {
    tone: failed > 0 ? 'hit' : undefined,
    cells: [
      phaseLabel(phases, step.phase),
      bar(step, names),
      ...shown.map((name) => shareCell(step.shares.find(({ version }) => version === name))),
      ...(shown.length < names.length
        ? [shareCell({ requests: sum('requests'), share: sum('share'), failed: sum('failed') })]
        : []),
      formatCount(step.failedUnknown),
    ],
  };
}

function shareCell(share: { requests: number; share: number; failed: number } | undefined): Html | string {
  if (share === undefined || share.requests === 0) return '–';
  return html`${formatShare(share.share)}<span class="sub">${formatCount(share.requests)}${share.failed > 0 && html`, <strong class="bad">${formatCount(share.failed)} failed</strong>`}</span>`;
}

/** One stacked bar, in the colours of the timeline. */
function bar({ shares }: VersionStep, names: readonly string[]): Html {
  const { width, height } = BAR;
  let from = 0;
  const rects = shares.map(({ version, share }) => {
    const x = from;
    from += share * width;
    const title = `${clip(version, 40)}: ${formatShare(share)}`;
    return html`<rect x="${num(x)}" y="0" width="${num(share * width)}" height="${height}" ${fill(versionColour(Math.max(0, names.indexOf(version))))}><title>${title}</title></rect>`;
  });
  return html`<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true">${rects}</svg>`;
}

function sentencesOf({ takeover, interleaving, sticky }: VersionTimeline): string[] {
  const end =
    takeover === null
      ? ''
      : takeover.version === null
        ? 'No new version answered at the end of the release.'
        : `At the end of the release ${clip(takeover.version, 80)}${takeover.kind === 'gone' ? ' answered no more' : ` and any other new version had ${formatShare(takeover.share)} of the answers`}.`;
  const turns =
    interleaving === null
      ? ''
      : `Once the last step that moves traffic was ready and settled, from ${atSeconds(interleaving.from)} to ${atSeconds(interleaving.to)}, ${formatCount(interleaving.oldAnswers)} old answers came among ${formatCount(interleaving.newAnswers)} new ones, over ${formatMs(interleaving.to - interleaving.from)}.`;
  const later =
    sticky === null
      ? ''
      : `In ${clip(sticky.phases.join(', '), 200)} the old release still gave ${plural(sticky.requests, 'answer')}: ${formatCount(sticky.reused)} on kept connections, ${formatCount(sticky.fresh)} on fresh ones, ${formatCount(sticky.cached)} of all from a cache, to ${clip(sticky.flows.join(', '), 200)}.`;
  return [end, turns, later].filter((text) => text !== '');
}
