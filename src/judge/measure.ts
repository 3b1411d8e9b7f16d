import { build, type Histogram } from 'hdr-histogram-js';
import type { Cell, Outage, Run, Stall, Tally } from '../model/run.js';
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
  outages(scope: Scope, selector?: Selector): Outage[];
  stalls(scope: Scope, selector?: Selector): Stall[];
}

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
    outages: (scope, { flow } = {}) =>
      run.outages.filter((outage) => failedIn(outage, scope) && (flow === undefined || outage.streams.includes(flow))),
    stalls: (scope, { flow } = {}) =>
      run.stalls.filter(
        (stall) => scope.phases.includes(stall.phase) && (flow === undefined || stall.streams.includes(flow)),
      ),
  };
}

/** An outage belongs to every phase from that of its first failed request to that of its last. */
function failedIn({ phase, first, last }: Outage, { phases }: Scope): boolean {
  const from = Math.min(phase, first.phase, last.phase);
  const to = Math.max(phase, first.phase, last.phase);
  return phases.some((index) => index >= from && index <= to);
}

function selects({ flow, connection, version }: Selector, cell: Cell): boolean {
  return (
    (flow === undefined || cell.flow === flow) &&
    (connection === undefined || cell.connection === connection) &&
    (version === undefined || cell.version === version)
  );
}

/** Plain counters: one is alive for each sum, and they are faster to read than the packed ones of the cells. */
function emptyLatencies(): Histogram {
  return build({
    bitBucketSize: 32,
    autoResize: true,
    lowestDiscernibleValue: 1,
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });
}
