import type { RunEvent } from '../../model/event.js';
import { formatMs } from '../../model/units.js';
import { severityOf, sqlSummary } from '../../report/migrations-text.js';
import { clockText, STATE_MARKS } from './live.js';
import type { Style } from './style.js';
import { plainText } from './text.js';

/** An event as a line of a log; null for the events a reader of the log can do without. */
export function eventText(event: RunEvent, style: Style): string | null {
  switch (event.type) {
    case 'phase': {
      const why = event.role === 'release' ? '' : ` (${event.role})`;
      return at(event.at, `${style.cyan('▶')} ${plainText(event.name)}${why}`);
    }
    case 'readiness-ended':
      return at(event.at, event.ready ? '  ready' : style.red(`  not ready: ${plainText(event.detail)}`));
    case 'step-ended':
      return at(event.at, stepEnd(event, style));
    case 'decision': {
      const what = decisionText(event);
      return at(event.at, event.action === 'continue' ? style.yellow(what) : style.red(what));
    }
    case 'note':
      return at(event.at, plainText(event.text));
    case 'requirement':
      return event.ok ? null : at(event.at, style.red(`required ${plainText(event.what)}: ${plainText(event.detail)}`));
    case 'migrations':
      return at(event.at, migrationsText(event, style));
    case 'hold-ended': {
      const what = `  ${event.requests} of ${event.wanted} requests seen in ${formatMs(event.forMs)}`;
      return at(event.at, event.requests >= event.wanted ? what : style.yellow(what));
    }
    case 'pause':
      if (event.of === 'probes') return null;
      return at(event.at, style.yellow(`zdd-verify itself was not running for ${formatMs(event.at - event.from)}`));
    default:
      return null;
  }
}

function decisionText({ cause, action, detail }: Extract<RunEvent, { type: 'decision' }>): string {
  const why = plainText(detail);
  if (cause !== 'signal') return `${action}: ${why}`;
  const then = { rollback: ': rolling back', abort: ': ending here, nothing is rolled back', continue: '' };
  return `${why}${then[action]}`;
}

function stepEnd(event: Extract<RunEvent, { type: 'step-ended' }>, style: Style): string {
  const mark = STATE_MARKS[event.outcome];
  const name = plainText(event.name);
  if (event.outcome === 'ok') return `${style.green(mark)} ${name}`;
  const detail = event.detail === '' ? '' : `: ${plainText(event.detail)}`;
  const paint = event.outcome === 'skipped' || event.outcome === 'not-reached' ? style.dim : style.red;
  return paint(`${mark} ${name} ${event.outcome}${detail}`);
}

function migrationsText(event: Extract<RunEvent, { type: 'migrations' }>, style: Style): string {
  const text = `SQL of ${plainText(sqlSummary(event))}`;
  const severity = severityOf(event);
  return severity === 'error' ? style.red(text) : severity === 'warning' ? style.yellow(text) : text;
}

function at(ms: number, text: string): string {
  return `${clockText(ms)}  ${text}`;
}
