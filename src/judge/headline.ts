import type { ReleaseState } from '../model/event.js';
import type { BlastRadius } from '../model/release.js';
import { formatCount, formatMs, formatShare } from '../model/units.js';
import type { Gate, Judgement, Verdict } from '../model/verdict.js';
import type { Doubt } from './doubt.js';
import { type Evidence, ownMs, stallText } from './evidence.js';
import { crossedReasons } from './gate.js';
import type { Measure } from './measure.js';
import { faultsIn, faultText } from './probe-faults.js';
import { releaseSentence } from './release.js';
import { nameOf } from './scope.js';
import type { Row } from './thresholds.js';

export interface Facts {
  verdict: Verdict;
  gate: Gate;
  release: ReleaseState;
  evidence: Evidence;
  doubts: readonly Doubt[];
  rows: readonly Row[];
  bound: Judgement['bound'];
  /** The version is not declared: nothing shows that a release happened. */
  changeUnknown: boolean;
  blastRadius: BlastRadius | null;
}

/** One sentence for the banner. */
export function headlineOf(m: Measure, facts: Facts): string {
  if (facts.verdict === 'downtime') return downtime(m, facts);
  if (facts.verdict === 'inconclusive') return `Inconclusive: ${inconclusive(m, facts)}`;
  const seen = `an outage of ${formatMs(facts.bound.shortestDetectableOutageMs)} or more would have been seen`;
  const parts = [`Zero downtime: ${failedText(m)} (${boundText(facts.bound)})`, seen];
  if (facts.changeUnknown) parts.push('change not verified');
  return [...parts, ...gateText(facts)].join('; ');
}

/** `at most 0.032 %, 95 %`; with several flows it names the one that was seen least. */
export function boundText({ failureRateUpper95, streams }: Judgement['bound']): string {
  const worst = streams.find((stream) => stream.failureRateUpper95 === failureRateUpper95);
  const of = streams.length > 1 && worst !== undefined ? ` of ${worst.name}` : '';
  return `at most ${formatShare(failureRateUpper95)}${of}, 95 %`;
}

/** `31 of 60,000 requests failed, all in reload`. */
export function failedText(m: Measure): string {
  const { requests, failed } = m.tally(m.whole);
  const counts = `${formatCount(failed)} of ${formatCount(requests)} requests failed`;
  if (failed === 0) return counts;
  const [worst, ...others] = failedByPhase(m);
  if (worst === undefined) return counts;
  return others.length === 0
    ? `${counts}, all in ${worst.name}`
    : `${counts}, ${formatCount(worst.failed)} of them in ${worst.name}`;
}

/** Phases with failed requests, the most first. */
export function failedByPhase(m: Measure): { phase: number; name: string; failed: number }[] {
  return m.whole.phases
    .map((phase) => ({
      phase,
      name: nameOf(m.run, phase),
      failed: m.tally({ label: '', phases: [phase] }).failed,
    }))
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed - a.failed || a.phase - b.phase);
}

function downtime(m: Measure, facts: Facts): string {
  const { evidence, gate } = facts;
  const parts = evidence.failed > 0 ? [failedText(m)] : [];
  const outage = Math.max(0, ...m.outages(m.whole).map(({ durationMs }) => durationMs));
  if (outage > 0) parts.push(`longest outage ${formatMs(outage)}`);
  const [stall] = evidence.stalls.toSorted((a, b) => ownMs(b) - ownMs(a));
  if (stall !== undefined) parts.push(`${stallText(m.run, stall)} in ${nameOf(m.run, stall.phase)}`);
  parts.push(...breachTexts(m, evidence));
  parts.push(releaseText(m, facts));
  const text = [...parts.filter((part) => part !== ''), ...(gate === 'fail' ? [] : gateText(facts))].join('; ');
  return gate === 'pass' && facts.release === 'completed' ? `Downtime within budget: ${text}` : text;
}

/** Kinds of breaches that are named in the headline. */
const BREACHES_NAMED = 2;

/** What is lost for good comes first; that requests of probes failed too is no news beside failures of the mix. */
function breachTexts({ run }: Measure, { breaches, failed }: Evidence): string[] {
  const lasting = breaches.filter(({ fault }) => fault.count !== 'failed');
  const others = breaches.filter((breach) => !lasting.includes(breach));
  const named = [...lasting, ...(failed > 0 ? [] : others)].slice(0, BREACHES_NAMED);
  const rest = [...new Set(breaches.filter((breach) => !named.includes(breach)).map(({ probe }) => probe))];
  const texts = named.map((breach) => faultText(run, breach));
  return rest.length === 0
    ? texts
    : [...texts, `faults of the ${rest.length === 1 ? 'probe' : 'probes'} ${rest.join(', ')}`];
}

function inconclusive(m: Measure, { doubts, release, bound, gate, rows }: Facts): string {
  const first = doubts[0]?.reason ?? 'nothing was proven';
  const crossed = gate === 'fail' ? crossedReasons(rows, 'fail').slice(0, 1) : [];
  if (release === 'not-started' || doubts[0]?.kind !== 'release') return [first, ...crossed].join('; ');
  const users = `users: ${failedText(m)} (${boundText(bound)})`;
  return [first, users, ...crossed].join('; ');
}

function gateText({ gate, rows, doubts }: Facts): string[] {
  if (gate === 'fail')
    return crossedReasons(rows, 'fail')
      .slice(0, 1)
      .map((reason) => `but ${reason}`);
  if (gate === 'pass') return [];
  const reason = crossedReasons(rows, 'inconclusive')[0] ?? doubts.find(({ kind }) => kind !== 'release')?.reason;
  return reason === undefined ? [] : [`but the gate is inconclusive: ${reason}`];
}

function releaseText(m: Measure, { release }: Facts): string {
  if (release !== 'completed') return releaseSentence(m.run, release);
  const rehearsed = m.run.rollbacks.filter(({ role }) => role === 'rehearsal');
  const back = m.whole.phases.filter((index) => m.run.phases[index]?.role === 'rehearsal');
  const clean = rehearsed.length > 0 && rehearsed.every(({ ms }) => ms !== null);
  const scope = { label: '', phases: back };
  const harmless = m.tally(scope).failed === 0 && faultsIn(m.run, scope, 'breach').length === 0;
  return clean && harmless ? 'rolled back cleanly' : '';
}
