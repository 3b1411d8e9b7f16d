import { build, type Histogram } from 'hdr-histogram-js';
import type { Cell, Outage, OutagePart, Run, Stall, Tally } from '../model/run.js';
import { sumTallies } from '../model/tally.js';
import type { Selector } from '../model/threshold.js';
import { baselineScope, runScope, type Scope, stepScopes } from './scope.js';

/** Looks into a run by scope and selector; sums are made once. */
export interface Measure {
  run: Run;
  baseline: Scope;
  whole: Scope;
  steps: Scope[];
  cells(scope: Scope, selector?: Selector): Cell[];
  tally(scope: Scope, selector?: Selector): Tally;
  latencies(kind: 'sinceDue' | 'sinceSent', scope: Scope, selector?: Selector): Histogram;
  /** As listed; with a flow that flow's own, with a step what the flows that failed in it had together. */
  outages(scope: Scope, selector?: Selector): OutageTimes[];
  /** As listed; with a flow or a step each flow's own. */
  stalls(scope: Scope, selector?: Selector): Stall[];
}

export type OutageTimes = Pick<Outage, 'startAt' | 'endAt' | 'durationMs'>;

export function measure(run: Run): Measure {
  const histograms = new Map<string, Histogram>();
  const cells = ({ phases }: Scope, selector: Selector = {}) =>
    run.cells.filter((cell) => phases.includes(cell.phase) && selects(selector, cell));

  const latencies: Measure['latencies'] = (kind, scope, selector = {}) => {
    const key = JSON.stringify([kind, scope.phases, selector.flow, selector.connection, selector.version]);
    const known = histograms.get(key);
    if (known !== undefined) return known;
    const sum = emptyLatencies();
    // Phase by phase: each is asked for alone as well, and the packed counters of the cells are slow to read.
    if (scope.phases.length > 1)
      for (const phase of scope.phases) sum.add(latencies(kind, { label: '', phases: [phase] }, selector));
    else for (const cell of cells(scope, selector)) if (cell[kind].totalCount > 0) sum.add(cell[kind]);
    histograms.set(key, sum);
    return sum;
  };

  return {
    run,
    baseline: baselineScope(run),
    whole: runScope(run),
    steps: stepScopes(run),
    cells,
    tally: (scope, selector) => sumTallies(cells(scope, selector)),
    latencies,
    outages: (scope, { flow, step } = {}) => {
      const listed = run.outages.filter((outage) => failedIn(phasesOf(outage), scope));
      if (flow === undefined && step === undefined) return listed;
      return listed.flatMap((outage): OutageTimes[] => {
        if (outage.parts === undefined) return flow === undefined || outage.streams.includes(flow) ? [outage] : [];
        const parts = outage.parts.filter(({ phases }) => failedIn(phases, scope));
        return flow === undefined ? together(outage, parts) : parts.filter((part) => part.flow === flow);
      });
    },
    stalls: (scope, { flow, step } = {}) => {
      const listed = flow === undefined && step === undefined ? run.stalls : run.stalls.flatMap(partsOf);
      return listed.filter(
        ({ phase, streams }) => scope.phases.includes(phase) && (flow === undefined || streams.includes(flow)),
      );
    },
  };
}

function partsOf(stall: Stall): Stall[] {
  return stall.parts ?? [stall];
}

/** An outage belongs to every phase from that of its first failed request to that of its last. */
function failedIn({ from, to }: OutagePart['phases'], { phases }: Scope): boolean {
  return phases.some((index) => index >= from && index <= to);
}

function phasesOf({ phase, first, last }: Outage): OutagePart['phases'] {
  return { from: Math.min(phase, first.phase, last.phase), to: Math.max(phase, first.phase, last.phase) };
}

/** From the first of some parts of an outage to the last; it ends, as the outage does, when any flow succeeds again. */
function together(outage: Outage, parts: readonly OutagePart[]): OutageTimes[] {
  if (parts.length === 0) return [];
  const startAt = Math.min(...parts.map((part) => part.startAt));
  const endAt = Math.min(outage.endAt, Math.max(...parts.map((part) => part.endAt)));
  return [{ startAt, endAt, durationMs: endAt - startAt }];
}

function selects({ flow, connection, version }: Selector, cell: Cell): boolean {
  return (
    (flow === undefined || cell.flow === flow) &&
    (connection === undefined || cell.connection === connection) &&
    (version === undefined || cell.version === version)
  );
}

/** Plain counters: one is alive for each sum, and they are faster to read than the packed ones of the cells. */
export function emptyLatencies(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });
}
