import type { Run } from '../../model/run.js';
import type { Judgement } from '../../model/verdict.js';
import { phaseLabel, type Summary } from '../summary.js';
import { offset } from '../text.js';
import type { Timeline } from '../timeline.js';
import { type Html, html } from './html.js';

/** What every section is made from. */
export interface View {
  run: Run;
  judgement: Judgement;
  summary: Summary;
  timeline: Timeline;
}

/** One section of the page; null where there is nothing to say. `nav` is its short name in the bar, if it has one. */
export interface Section {
  id: string;
  nav?: string;
  render(view: View): Html | null;
}

/** `reload +0.31 s`: a moment, seen from the start of a phase's command. */
export function placeOf({ phases }: Run, index: number, at: number): string {
  const phase = phases[index];
  return phase === undefined ? '' : `${phaseLabel(phases, index)} ${offset(at - phase.startAt)}`;
}

/** The name of a phase as a link to its place in the timeline; plain where several have that name, or none has. */
export function phaseLink({ run, timeline }: View, name: string): Html {
  const [phase, ...others] = run.phases.filter((each) => each.name === name);
  if (phase === undefined || others.length > 0) return html`${name}`;
  return html`<a href="#${zoomHash(phase.startAt, phase.endAt, timeline.durationMs)}">${name}</a>`;
}

/** The stretch a deep link zooms to: the window with some room around it, in seconds with one decimal. */
export function zoomHash(startAt: number, endAt: number, durationMs: number): string {
  const room = Math.max(1500, (endAt - startAt) * 0.5);
  const from = Math.max(0, startAt - room) / 1000;
  const to = Math.min(durationMs, endAt + room) / 1000;
  return `t=${from.toFixed(1)}-${to.toFixed(1)}`;
}
