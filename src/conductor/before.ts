import { messageOf } from '../model/errors.js';
import { probeHost } from '../platform/remote-probe.js';
import { checkRequirement, requirementText } from '../steps/requirement.js';
import { checkStepMigrations } from './check-migrations.js';
import type { RunContext } from './context.js';
import { Halted } from './halt.js';

/** Name of the log of what required commands wrote. */
const LOG = 'require';

/**
 * What must hold before anything is run, setup included: every host is reached (and its clock asked), what the scenario
 * requires is there, and the SQL of its steps may be run. All of it is looked at. Why the run must not begin, or null where it may.
 */
export async function checkBefore(context: RunContext): Promise<string | null> {
  const problems = [
    ...(await joinShards(context)),
    ...(await reachHosts(context)),
    ...(await checkRequirements(context)),
    ...(await checkStepMigrations(context)),
  ];
  if (context.halt.reason !== null) throw new Halted();
  return problems.length === 0 ? null : problems.join('; ');
}

/** Every shard of the traffic has joined. */
async function joinShards({ lead, halt, onProgress }: RunContext): Promise<string[]> {
  if (lead === null) return [];
  return await lead.joined(halt.signal, (joined) => onProgress(`shards: ${joined} of ${lead.of} are here`));
}

async function reachHosts({ scenario, recorder, clock, halt, onProgress }: RunContext): Promise<string[]> {
  if (scenario.hosts.length === 0) return [];
  onProgress('hosts');
  const found = await Promise.all(
    scenario.hosts.map(async (host) => ({ host, clock: await probeHost(host, halt.signal) })),
  );
  return found.flatMap(({ host, clock: answer }) => {
    if ('problem' in answer) return [`the host ${host.name} (${host.destination}): ${answer.problem}`];
    recorder.event({ type: 'host', at: clock.now(), name: host.name, ...answer });
    return [];
  });
}

async function checkRequirements(context: RunContext): Promise<string[]> {
  const { scenario, recorder, clock, halt, watchdog } = context;
  if (scenario.requirements.length === 0) return [];
  context.onProgress('require');
  const log = await recorder.stepLog(LOG);
  const problems: string[] = [];
  try {
    for (const requirement of scenario.requirements) {
      const at = clock.now();
      const what = requirementText(requirement);
      const why = await checkRequirement(requirement, {
        cwd: scenario.dir,
        env: { ...context.environment, ...scenario.vars, ZDD_RUN: context.dir },
        vars: { ...scenario.vars, ZDD_RUN: context.dir },
        userAgent: context.userAgent,
        timeoutMs: scenario.traffic.timeoutMs,
        clock,
        signal: halt.signal,
        clean: context.redact,
        onLine: (line) => log.line(clock.now(), line),
        watch: (groupId, elsewhere) => watchdog.watch(groupId, 'end', elsewhere),
        forget: (groupId) => watchdog.forget(groupId),
      });
      recorder.event({ type: 'requirement', at, what, ok: why === null, detail: why ?? '', ms: clock.now() - at });
      if (why !== null) problems.push(`required ${what}: ${why}`);
    }
  } catch (error) {
    if (!(error instanceof Halted)) problems.push(messageOf(error));
  } finally {
    await log.close();
  }
  return problems;
}
