import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { compareBlocked, waitsInLog, waitsInRun } from './blocked.ts';
import type { Blocked, CountInFile, Evidence, ListenerGap } from './cases.ts';
import type { RunJson } from './result.ts';
import { longestBlindness, longestGap, type Testimony } from './witness.ts';

/**
 * `holds` and `contradicts` are about the label. `unseen` is neither: nothing is there to look at, or the witness
 * itself did not get to look (`disturbed`), and another run may show it.
 */
export interface Finding {
  claim: string;
  state: 'holds' | 'contradicts' | 'unseen';
  disturbed: boolean;
  /** What was seen. */
  detail: string;
}

/** While the traffic was judged, in wall-clock time. */
export interface Window {
  from: number;
  to: number;
}

/** Whatever the claim allows, the witness may have looked away for this long. */
const TOLERATED_BLINDNESS_MS = 100;

interface Place {
  root: string;
  testimony: Testimony;
  window: Window | null;
  run: RunJson;
}

export async function examine(evidence: readonly Evidence[], place: Place): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const each of evidence) {
    if ('file' in each) findings.push(await examineFile(each, place.root));
    else findings.push('blocked' in each ? await examineBlocked(each, place) : examineListener(each, place));
  }
  return findings;
}

async function examineBlocked({ claim, blocked }: Blocked, { root, window, run }: Place): Promise<Finding> {
  const unseen = (detail: string): Finding => ({ claim, state: 'unseen', disturbed: false, detail });
  const path = join(root, blocked.log);
  if (!existsSync(path)) return unseen(`there is no ${blocked.log}`);
  if (window === null) return unseen('the run has no judged time');
  const lines = (await readFile(path, 'utf8')).split('\n');
  return { claim, ...compareBlocked(blocked, waitsInLog(lines), waitsInRun(run), window) };
}

async function examineFile(evidence: CountInFile, root: string): Promise<Finding> {
  const { claim, file, match } = evidence;
  const files = filesLike(root, file);
  // A file that is not there proves nothing, not even that something is not in it.
  if (files.length === 0) return { claim, state: 'unseen', disturbed: false, detail: `there is no ${file}` };
  let lines = 0;
  for (const path of files) lines += await countLines(path, new RegExp(match));
  return { claim, ...compare(lines, evidence), disturbed: false };
}

export function compare(
  lines: number,
  { file, exactly, atLeast, atMost }: CountInFile,
): { state: 'holds' | 'contradicts'; detail: string } {
  const least = exactly ?? atLeast ?? 0;
  const most = exactly ?? atMost ?? Number.POSITIVE_INFINITY;
  const wanted =
    exactly ??
    [atLeast && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`].filter(Boolean).join(', ');
  const state = lines >= least && lines <= most ? 'holds' : 'contradicts';
  return { state, detail: `${lines} in ${file} (${wanted})` };
}

export function examineListener(
  { claim, listener, gapAtLeastMs, gapAtMostMs }: ListenerGap,
  { testimony, window }: { testimony: Testimony; window: Window | null },
): Finding {
  if (window === null) return { claim, state: 'unseen', disturbed: false, detail: 'the run has no judged time' };
  const gap = longestGap(testimony.ports[listener] ?? [], window.from, window.to);
  const blindMs = longestBlindness(testimony, listener, window.from, window.to);
  const [least, most] = gap === null ? [0, 0] : [gap.atLeastMs, gap.atMostMs];
  const seen = gap === null ? 'no gap' : `a gap of ${least} to ${most} ms`;
  const detail = `PORT+${listener}: ${seen}${blindMs > 0 ? `, nobody looked for ${blindMs} ms` : ''}`;
  const result = (state: Finding['state']): Finding => ({ claim, state, disturbed: state === 'unseen', detail });
  if (gapAtLeastMs !== undefined) {
    if (least >= gapAtLeastMs) return result('holds');
    return result(Math.max(most, blindMs) >= gapAtLeastMs ? 'unseen' : 'contradicts');
  }
  const limit = gapAtMostMs ?? 0;
  if (least > limit) return result('contradicts');
  return result(Math.max(most, blindMs) > limit + TOLERATED_BLINDNESS_MS ? 'unseen' : 'holds');
}

/** Files below `root` of that name, in which `*` stands for anything. */
export function filesLike(root: string, file: string): string[] {
  const folder = join(root, dirname(file));
  const parts = basename(file).split('*').map(escapePattern);
  const name = new RegExp(`^${parts.join('.*')}$`);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory() && name.test(entry.name))
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}

async function countLines(path: string, pattern: RegExp): Promise<number> {
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity })) {
    if (pattern.test(line)) lines += 1;
  }
  return lines;
}
