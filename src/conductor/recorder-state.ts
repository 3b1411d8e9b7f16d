import { statSync } from 'node:fs';
import { join } from 'node:path';
import { wallTime } from '../platform/clock.js';
import { isAlive } from '../platform/process-group.js';
import { JOURNAL_FILE } from '../record/recorder.js';
import { placeOf, type Started } from './started-run.js';

/** `elsewhere`: the record grows, and its recorder cannot be seen from here (another container, another machine). */
export type RecorderState = 'alive' | 'gone' | 'elsewhere';

/** A journal gets a line every second; one that did not for so long belongs to nobody, ms. */
const SILENT_MS = 10_000;

export function recorderState(dir: string, { pid, startTicks, place }: Started): RecorderState {
  if (place === placeOf()) return isAlive(pid, startTicks) ? 'alive' : 'gone';
  const lastAt = statSync(join(dir, JOURNAL_FILE), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return wallTime().getTime() - lastAt < SILENT_MS ? 'elsewhere' : 'gone';
}

/** Whether the machine was started again since, as far as it can be told. */
export function isOtherBoot({ place }: Started): boolean {
  const here = placeOf();
  return place !== null && here !== null && place.split(' ')[0] !== here.split(' ')[0];
}
