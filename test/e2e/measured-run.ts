import { expect } from 'vitest';
import type { FaultWindow } from '../apps/fault-client.ts';
import { ranStarved } from '../setup/starved-runs.ts';
import { readLines, readSamples, type Workplace } from './run-cli.ts';
import { type RunJson, sum } from './run-json.ts';

/** A run that came to a result. */
export interface Measured {
  code: number | null;
  run: RunJson;
  dir: string;
  stderr: string;
}

/**
 * Runs a scenario that is to come to a result: where the machine starved the harness, which then proves nothing and says
 * so, the test fails, and is made again. `latestMs`: it is made again, too, where it fails and a request was sent later
 * than this, for what is to be timed to within a few per cent.
 */
export async function measureRun(
  place: Workplace,
  scenario: object,
  latestMs = Number.POSITIVE_INFINITY,
): Promise<Measured> {
  const { code, runJson: run, dir, stderr } = await place.run(['run', place.scenario(scenario)]);
  if (run === null || dir === null) throw new Error(`the run ended with ${code} and without a result: ${stderr}`);
  const { healthy, latenessMs } = run.generator;
  if (!healthy) throw new Error(`starved: ${run.reasons.join('; ')}`);
  if (latenessMs.max > latestMs) ranStarved();
  return { code, run, dir, stderr };
}

/** due = requests + unsent; requests = ok + failed + retryable; failed is the sum of its classes and of its phases. */
export function expectConservation(run: RunJson, dir: string): void {
  const { totals } = run;
  const ended = readLines<{ type: string; due?: number; recorded?: number }>(dir, 'journal.ndjson').find(
    ({ type }) => type === 'traffic-ended',
  );
  const { judged, warmup } = samplesOf(dir);
  const arrivals = judged.length + warmup.length;
  expect(ended).toMatchObject({ due: arrivals, recorded: arrivals });
  expect(totals.requests + totals.unsent).toBe(judged.length);
  expect(totals.ok + totals.failed + totals.retryable).toBe(totals.requests);
  expect(sum(totals.byError)).toBe(totals.failed);
  for (const key of ['requests', 'failed'] as const) {
    expect(run.phases.reduce((total, phase) => total + phase[key], 0)).toBe(totals[key]);
  }
  const { fresh, reused } = totals.byConnection;
  expect(fresh.requests + reused.requests).toBe(totals.requests);
  expect(fresh.failed + reused.failed).toBe(totals.failed);
  expect(totals.unsent).toBe(0);
  expect(run.generator.healthy).toBe(true);
}

/** The warm-up is what was due before the baseline began. */
export function samplesOf(dir: string): Record<'judged' | 'warmup', ReturnType<typeof readSamples>> {
  const events = readLines<{ type: string; kind?: string; at: number }>(dir, 'journal.ndjson');
  const { at } = events.find(({ kind }) => kind === 'baseline')!;
  const samples = readSamples(dir);
  const isJudged = ({ due_ms }: (typeof samples)[number]): boolean => Number(due_ms) >= at;
  return { judged: samples.filter(isJudged), warmup: samples.filter((sample) => !isJudged(sample)) };
}

/** The window's ends in milliseconds since the run's start. */
export function inRunTime({ beganAt, endedAt }: FaultWindow, dir: string): { startMs: number; endMs: number } {
  const [header] = readLines<{ originNs: string }>(dir, 'journal.ndjson');
  const since = (ns: string): number => Number(BigInt(ns) - BigInt(header!.originNs)) / 1e6;
  return { startMs: since(beganAt), endMs: since(endedAt!) };
}
