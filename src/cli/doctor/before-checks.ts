import { clockSince, monotonicNs } from '../../platform/clock.js';
import { probeHost } from '../../platform/remote-probe.js';
import { createRedactor } from '../../scenario/redact.js';
import type { Scenario } from '../../scenario/scenario.js';
import { checkRequirement, requirementText } from '../../steps/requirement.js';
import { toolVersion } from '../package-info.js';
import { type Check, fine, missing, warn } from './check.js';

/** A clock that is further off than this makes times of a host's logs hard to hold against those of the run. */
const CLOCK_LIMIT_MS = 1000;

/** What a run looks at before it begins: its hosts, and what the scenario requires. */
export async function checkBefore(scenario: Scenario): Promise<Check[]> {
  const [hosts, required] = [await checkHosts(scenario), await checkRequired(scenario)];
  return [...hosts, ...required];
}

function checkHosts({ hosts }: Scenario): Promise<Check[]> {
  const checks = hosts.map(async (host): Promise<Check> => {
    const name = `host ${host.name}`;
    const found = await probeHost(host);
    if ('problem' in found) {
      const fix = `\`ssh ${host.destination} true\` must work without asking anything: check the key, and accept its host key once.`;
      return missing(name, `${host.destination}: ${found.problem}`, fix, { about: 'target' });
    }
    const clock = `${host.destination}, clock ${found.offsetMs < 0 ? '' : '+'}${found.offsetMs} ms (± ${found.uncertaintyMs})`;
    if (Math.abs(found.offsetMs) <= CLOCK_LIMIT_MS) return fine(name, clock);
    return warn(name, clock, "Let both machines keep their time by NTP: times in the host's own logs are off by that.");
  });
  return Promise.all(checks);
}

function checkRequired(scenario: Scenario): Promise<Check[]> {
  return endedBySignals((signal) => requiredOf(scenario, signal));
}

async function requiredOf(scenario: Scenario, signal: AbortSignal): Promise<Check[]> {
  const checks: Check[] = [];
  const clean = createRedactor(scenario.secrets);
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  for (const requirement of scenario.requirements) {
    const name = `required ${requirement.kind}`;
    const text = clean(requirementText(requirement)).replace(/^\w+ /, '');
    const why = await checkRequirement(requirement, {
      cwd: scenario.dir,
      env: { ...Object.fromEntries(own), ...scenario.vars },
      vars: scenario.vars,
      userAgent: `zdd-verify/${toolVersion()} (doctor)`,
      timeoutMs: scenario.traffic.timeoutMs,
      clock: clockSince(monotonicNs()),
      signal,
      clean,
      onLine: () => {},
    });
    if (why === null) checks.push(fine(name, text));
    else
      checks.push(
        missing(name, `${text}: ${why}`, 'The scenario asks for it under `require`: a run would end with 94.', {
          about: 'target',
        }),
      );
  }
  return checks;
}

/** The first signal ends the command under way, which has a session of its own, and then this process. */
async function endedBySignals<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const halt = new AbortController();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const on = (signal: NodeJS.Signals): void => halt.abort(signal);
  for (const signal of signals) process.on(signal, on);
  try {
    return await work(halt.signal);
  } finally {
    for (const signal of signals) process.off(signal, on);
    if (halt.signal.aborted) process.kill(process.pid, halt.signal.reason);
  }
}
