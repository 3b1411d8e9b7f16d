import type { MeasuredAdvice, MeasuredTime, MeasuredTimes } from '../model/advice.js';

/** `advice` of `run.json`: the times that were measured, ms (null: this one was not), and the settings that follow. */
export function adviceJson({ times, advice }: MeasuredAdvice) {
  const entries = Object.entries(times).map(([name, time]: [string, MeasuredTime | null]) => [
    name,
    time === null ? null : { ms: Math.round(time.ms), from: time.from },
  ]);
  return { times: Object.fromEntries(entries) as MeasuredTimes, settings: advice };
}
