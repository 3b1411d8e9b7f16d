import type { JudgedWait } from '../../model/locks.js';
import { formatMs, plural } from '../../model/units.js';
import type { LockSession } from '../../model/watch.js';
import { lockLines, sessionText } from '../locks.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { type Row, table } from './table.js';
import { placeOf, type Section, type View, zoomHash } from './view.js';

/** Waits that are in the table: the longest ones. */
const LISTED = 100;

/** Who waited for which lock of a database, and for whom; nothing where nobody looked. */
export const locksSection: Section = {
  id: 'locks',
  nav: 'Locks',
  render: (view) => {
    const { run, judgement } = view;
    const { locks } = judgement;
    if (locks === null) return null;
    const lines = lockLines(run, judgement);
    const all = locks.waits.length + locks.dropped;
    return html`<h2>Locks</h2>
<p>Sessions of the database that waited for a lock, by looking every 20 ms in a migration and every 100 ms otherwise${
      locks.lookGapMs !== null && html` (the longest time between two looks was ${formatMs(locks.lookGapMs)})`
    }. Shorter waits may have been missed; only as many sessions can wait as the app has connections, and its other requests wait in front of them.</p>${
      lines.length === 0
        ? html`<p class="empty">No session was seen to wait for a lock.</p>`
        : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>${waitsTable(view, locks.waits)}`
    }${all > LISTED && html`<p class="more">The ${LISTED} longest of ${plural(all, 'wait')}.</p>`}`;
  },
};

function waitsTable(view: View, waits: readonly JudgedWait[]): Html {
  return table(
    'Waits for locks',
    [
      { name: 'from' },
      { name: 'for', number: true },
      { name: 'step', word: true },
      { name: 'of', word: true },
      { name: 'lock', word: true },
      { name: 'who waited', wide: true },
      { name: 'for whom', wide: true },
    ],
    listedWaits(waits).map((wait) => waitRow(view, wait)),
  );
}

/** The waits that have a row, in the order in which they began. */
export function listedWaits(waits: readonly JudgedWait[]): JudgedWait[] {
  return waits
    .toSorted((a, b) => waitLength(b) - waitLength(a))
    .slice(0, LISTED)
    .sort((a, b) => a.since - b.since || a.pid - b.pid);
}

/** How long a session was seen to wait, ms. */
export function waitLength({ since, endAt, seenAt }: JudgedWait): number {
  return (endAt ?? seenAt) - since;
}

function waitRow({ run, timeline }: View, wait: JudgedWait): Row {
  const { since, endAt, errorMs, endErrorMs, phase, relation, locktype, mode, ofChange, waiting, ahead, blocker } =
    wait;
  const ms = waitLength(wait);
  // The head of the queue keeps all waiting; the one directly ahead may be the change of the schema itself.
  const others = ahead === null || ahead.pid === blocker?.pid ? null : ahead;
  return {
    tone: ofChange ? 'warn' : undefined,
    cells: [
      html`<a href="#${zoomHash(since, since + ms, timeline.durationMs)}">${atSeconds(since)}</a>`,
      html`${endAt === null && 'at least '}${formatMs(ms)}<span class="sub">${`± ${formatMs(errorMs + endErrorMs)}`.replaceAll(' ', '\u00a0')}</span>`,
      placeOf(run, phase, since),
      clip(relation ?? locktype, 60),
      html`${clip(mode, 40)}${ofChange && html`<span class="sub">changes the schema</span>`}`,
      session(waiting),
      html`${blocker === null ? 'not seen' : session(blocker)}${others !== null && html`<span class="sub">directly behind ${sessionText(others, 160)} (process ${others.pid})</span>`}`,
    ],
  };
}

function session({ pid, application, user, state, statement, holds }: LockSession): Html {
  const name = [application, user].filter((each) => each !== null && each !== '').join(', ');
  const about = [`process ${pid}`, ...(state === null ? [] : [state]), ...(holds === null ? [] : [`holds ${holds}`])];
  return html`${statement === null ? '' : html`<code>${clip(statement, 300)}</code>`}<span class="sub">${clip([name, ...about].filter((each) => each !== '').join(', '), 200)}</span>`;
}
