import { UNSENT_CAUSES, type UnsentCause } from '../model/outcome.js';
import type { Run } from '../model/run.js';
import { formatCount, formatMs } from '../model/units.js';
import { BUSY, explanation } from './machine.js';
import type { Measure } from './measure.js';
import { nameOf } from './scope.js';

/** Arrivals that the harness, or what it stands on, did not send: one sentence for each cause, with what helps. */
export function unsentReasons(m: Measure): string[] {
  const scope = { label: '', phases: [...m.baseline.phases, ...m.whole.phases] };
  const { unsent, unsentBy, requests } = m.tally(scope);
  return UNSENT_CAUSES.flatMap((cause) => {
    const count = unsentBy[cause] ?? 0;
    if (count === 0) return [];
    const of = `${formatCount(count)} of ${formatCount(unsent + requests)} arrivals`;
    return [`${of} were not sent (${cause}) in ${phasesOf(m, cause, scope.phases)}: ${REMEDY[cause](m)}`];
  });
}

/** Names of phases that are listed; of more, the rest are counted. */
const NAMED = 3;

function phasesOf(m: Measure, cause: UnsentCause, phases: readonly number[]): string {
  const hit = phases.filter((index) => (m.tally({ label: '', phases: [index] }).unsentBy[cause] ?? 0) > 0);
  const names = [...new Set(hit.map((index) => nameOf(m.run, index)))];
  const rest = names.length - NAMED;
  return `${names.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${formatCount(rest)} more` : ''}`;
}

const REMEDY: Record<UnsentCause, (m: Measure) => string> = {
  late: (m) => explanation(m) ?? BUSY,
  cap,
  dns,
  descriptors: (m) => {
    const { descriptors } = m.run.generator.machine;
    const limit = descriptors === null ? '' : ` of ${formatCount(descriptors.limit)}`;
    return `the limit${limit} on open files and sockets was reached: ${raisedLimit(descriptors?.limit ?? 0)}`;
  },
  ports: (m) => {
    const { ports } = m.run.generator.machine;
    const taken = ports === null ? '' : ` (${formatCount(ports.peak)} of ${formatCount(ports.available)} seen in use)`;
    return `no local port towards the target was free${taken}: widen net.ipv4.ip_local_port_range, or raise connections.keepalive`;
  },
};

/** Descriptors that a run keeps for itself, beside its requests in flight and its pool. */
const OWN_DESCRIPTORS = 100;

function cap({ run }: Measure): string {
  const { maxInFlight, pool } = run.header.traffic;
  const limit = run.generator.machine.descriptors?.limit ?? Number.POSITIVE_INFINITY;
  const of = run.header.shards?.length ?? 1;
  const most = `${formatCount(maxInFlight)} requests were in flight`;
  if (limit <= (maxInFlight + pool) / of + OWN_DESCRIPTORS) {
    const each = of === 1 ? '' : ` for each of ${of} shards`;
    return `${most}, all that a limit of ${formatCount(limit)} open files${each} allows: ${raisedLimit(limit)}`;
  }
  return `${most}, as many as may be: the target answers too slowly for this rate; lower traffic.rate or target.timeout, or raise traffic.maxInFlight`;
}

function raisedLimit(limit: number): string {
  return `run \`ulimit -n ${Math.max(4096, 4 * limit)}\` first`;
}

function dns({ run }: Measure): string {
  return `the resolver failed for ${hostOf(run.header.target.url)}${answersText(run)}: set target.resolve, or mend the resolver`;
}

/** What the watch, which asks once a second, saw of it. */
function answersText({ generator }: Run): string {
  if (generator.machine.dns === null) return '';
  const { asked, failed, maxMs, error } = generator.machine.dns;
  const slowest = `the slowest answer took ${formatMs(maxMs)}`;
  if (failed === 0) return ` (${slowest})`;
  return ` (${error ?? 'no answer'}: ${formatCount(failed)} of ${formatCount(asked)} questions failed, ${slowest})`;
}

function hostOf(url: string): string {
  return /^[a-z+]+:\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/?#]*)/i.exec(url)?.[1] ?? url;
}
