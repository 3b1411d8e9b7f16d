import type { MachineWatch, Run } from '../../model/run.js';
import { formatCount, formatMs, formatShare, plural } from '../../model/units.js';
import { atSeconds, visible } from '../text.js';
import { type Html, html } from './html.js';
import { scheduleText } from './schedule.js';
import { facts, table } from './table.js';
import type { Section } from './view.js';

/** Whether the instrument can be trusted. */
export const generatorSection: Section = {
  id: 'generator',
  nav: 'Generator',
  render: ({ run, judgement, summary }) => {
    const { generator } = run;
    const unsent = Object.entries(summary.totals.unsentBy).map(([cause, count]) => `${formatCount(count)} ${cause}`);
    return html`<h2>The harness</h2>
<p>${judgement.healthy ? 'It did its own part: what was due was sent, on time.' : 'It did not do its own part, and a verdict that rests on it is no verdict.'}</p>${
      !judgement.healthy &&
      html`<ul class="reasons mood-unsure">${judgement.harnessReasons.map((reason) => html`<li>${reason}</li>`)}</ul>`
    }<div class="pair">${facts([
      ['Rate', `${generator.achievedRate.toFixed(1)} of ${generator.targetRate} a second`],
      [
        'Due',
        `${formatCount(generator.due)}${generator.dueByThread === null ? '' : ` (${formatCount(generator.dueByThread)} by the sending thread's own count)`}`,
      ],
      ['Unsent', summary.totals.unsent === 0 ? '0' : `${formatCount(summary.totals.unsent)}: ${unsent.join(', ')}`],
      ...shardFacts(run),
      ['Sent after due', spread(generator.latenessMs)],
      ['Largest gap between sends', formatMs(generator.largestSendGapMs)],
    ])}${facts([
      ['Event loop late by', spread(generator.eventLoopDelayMs)],
      ['Most in flight', formatCount(generator.peakInFlight)],
      [
        'Processor',
        `${(generator.cpu * 100).toFixed(0)} % of one core, ${plural(run.header.traffic.threads, 'sending thread')}`,
      ],
      ['Stood still', generator.pauses.length === 0 ? 'never' : pauses(run)],
      ['Garbage collection', collections(run)],
      ['Warm-up, not judged', `${plural(run.warmup.requests, 'request')}, ${formatCount(run.warmup.failed)} failed`],
    ])}${facts(machineFacts(generator.machine))}</div>`;
  },
};

/** What each shard had of the schedule. */
function shardFacts({ header: { shards = [] } }: Run): [string, string][] {
  return shards.map(({ number, host, due, clockErrorMs }) => {
    const clock =
      number === 1 ? 'conducted the release' : `clock known to ${clockErrorMs === null ? '?' : formatMs(clockErrorMs)}`;
    return [`Shard ${number}`, due === null ? 'left no count' : `${formatCount(due)}, ${host}, ${clock}`];
  });
}

function spread(values: { p50?: number; p99: number; max: number }): string {
  const p50 = values.p50 === undefined ? '' : `p50 ${formatMs(values.p50)}, `;
  return `${p50}p99 ${formatMs(values.p99)}, at most ${formatMs(values.max)}`;
}

function collections({ generator: { gcMs } }: Run): string {
  return gcMs.total === 0 ? 'none' : `${formatMs(gcMs.total)} in all, at most ${formatMs(gcMs.max)} at once`;
}

/** What the machine did to the harness; a dash where the system does not say. */
function machineFacts({ stealMax, throttledMs, cpuPressureMax, descriptors, ports, dns }: MachineWatch) {
  const share = (value: number | null) => (value === null ? null : `at most ${formatShare(value)} of a second`);
  return [
    ['Taken by the hypervisor', share(stealMax)],
    ['Waiting for a core', share(cpuPressureMax)],
    [
      'Throttled by the control group',
      throttledMs === null ? null : throttledMs === 0 ? 'never' : formatMs(throttledMs),
    ],
    ['Descriptors', descriptors && `${formatCount(descriptors.peak)} of ${formatCount(descriptors.limit)}`],
    ['Local ports', ports && `${formatCount(ports.peak)} of ${formatCount(ports.available)}`],
    ['Resolver', dns && resolverText(dns)],
  ] as const;
}

function resolverText({ asked, failed, maxMs, error }: NonNullable<MachineWatch['dns']>): string {
  const failures = failed === 0 ? 'none failed' : `${formatCount(failed)} failed${error === null ? '' : ` (${error})`}`;
  return `asked ${plural(asked, 'time')}, ${failures}, at most ${formatMs(maxMs)}`;
}

function pauses({ generator }: Run): string {
  const shown = generator.pauses.slice(0, 5).map(({ from, to }) => `${formatMs(to - from)} at ${atSeconds(from)}`);
  return `${plural(generator.pauses.length, 'time')}: ${shown.join(', ')}${generator.pauses.length > 5 ? ', …' : ''}`;
}

export const methodSection: Section = {
  id: 'method',
  nav: 'Method',
  render: ({ run }) => {
    const { traffic, target, rehearsal } = run.header;
    return html`<h2>Method and limits</h2><ul class="method">
<li>${scheduleText(traffic)} Latency counts from the time a request was due, so that a stall is seen at its full length. Failed requests enter latency at their timeout (${formatMs(target.timeoutMs)}).</li>
<li>${Math.round(traffic.keepaliveShare * 100)} % of the requests use a pool of ${plural(traffic.pool, 'kept connection')}, the longest idle first; the rest open a connection each. Client: ${traffic.client}.</li>
<li>A failed request is one a user would notice: refused, reset or closed before an answer, truncated, timed out, not HTTP, a TLS failure, an unexpected status, an unmet expectation. It counts for the step in which it ended; a timeout for the first step that began while it waited.</li>
<li>Zero failures of n requests do not prove a rate of zero: the limit printed is the exact one-sided 95 % limit (Clopper-Pearson), which assumes independent failures. A short outage is not independent; for it the largest gap between sends of the worst flow is printed.</li>
<li>Columns of the timeline hold 100 ms or more; counts are summed and latencies keep their extremes, so that no outlier is lost. In columns of several 100 ms, p50 and p99 are the highest of them.</li>
<li>${rehearsal === 'none' ? 'The rollback was not exercised.' : 'The rollback is exercised as the last part of the release, under the same traffic.'} Only what the traffic above touches is judged: other routes, clients and regions are not.</li>
</ul>`;
  },
};

const MAX_SCENARIO = 60_000;

export const environmentSection: Section = {
  id: 'environment',
  render: ({ run }) => {
    const { header } = run;
    const text = JSON.stringify(header.effective, null, 2) ?? 'null';
    const entries = Object.entries(header.environment);
    return html`<h2>Environment and scenario</h2><div class="pair">${facts([
      ['Run', header.runId],
      ['Started', header.startedAt],
      ['Length', formatMs(run.durationMs)],
      ['Target', header.target.url],
      ['Scenario', header.scenario.file ?? header.scenario.name],
      ['SHA-256', html`<code>${header.scenario.sha256}</code>`],
      ['zdd-verify', header.tool.version],
    ])}${facts(entries.map(([name, value]) => [name, value === null ? '–' : String(value)]))}</div>
<details><summary>Steps as planned</summary>${table(
      'Steps as planned',
      [{ name: 'step' }, { name: 'kind' }],
      [
        ...header.steps.map(({ name, kind }) => ({ cells: [name, kind] })),
        ...header.rollback.map(({ name }) => ({ cells: [name, 'rollback'] })),
      ],
    )}</details>
<details><summary>The scenario as it was run, secrets redacted</summary>${scenarioText(text)}</details>`;
  },
};

/** Line by line: only the line ends of the JSON itself may break lines. */
function scenarioText(text: string): Html {
  const shown = text.slice(0, MAX_SCENARIO).split('\n').map(visible).join('\n');
  const lines = shown.split('\n').map((line) => html`${line}\n`);
  return html`<pre>${lines}${text.length > MAX_SCENARIO && html`… ${formatCount(text.length - MAX_SCENARIO)} more characters`}</pre>`;
}
