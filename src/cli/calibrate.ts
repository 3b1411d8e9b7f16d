import { Command } from 'commander';
import type { MachineCapacity, RateTrial, TargetCapacity } from '../engine/calibrate.js';
import { ZddError } from '../model/errors.js';
import { EXIT } from '../model/exit-codes.js';
import { formatCount, formatMs, parseDuration, parseRate } from '../model/units.js';

interface CalibrateOptions {
  for?: string;
  connections: string;
  maxRate: string;
  allowRemote?: true;
  json?: true;
}

/** `zdd-verify calibrate [url]`: the rate this machine can hold, or what a target can take. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      'Without a URL: the rate this machine can hold, against a built-in loopback server, with the engine of a run.\nWith a URL: what that target can take, asked as fast as it answers (closed loop, autocannon). Never a verdict.',
    )
    .argument('[url]', 'target to load; loopback or private, unless --allow-remote')
    .option('--for <duration>', 'how long the target is loaded (default 5s), or each rate is tried (default 2s)')
    .option('--connections <n>', 'connections to the target, at most 1000', '10')
    .option('--max-rate <rate>', 'highest rate that is tried on this machine', '20000/s')
    .option('--allow-remote', 'permit a target that is neither loopback nor private')
    .option('--json', 'as JSON; times in ms')
    .addHelpText(
      'after',
      `
Exit codes:
  0   measured
  2   usage
  94  the target did not answer
  98  this machine did not hold even the lowest rate

Examples:
  $ zdd-verify calibrate
  $ zdd-verify calibrate http://127.0.0.1:8080/ --for 10s --connections 50`,
    )
    .action(async (url: string | undefined, options: CalibrateOptions) => {
      if (url === undefined) await calibrateMachine(options);
      else await calibrateTarget(url, options);
    });
}

async function calibrateMachine(options: CalibrateOptions): Promise<void> {
  const trialMs = durationOf(options.for ?? '2s', 500);
  const maxRatePerSec = parseRate(options.maxRate);
  if (maxRatePerSec === null || maxRatePerSec < 1)
    throw usage(`\`${options.maxRate}\` is no rate.`, 'Write it as 5000/s.');
  const { measureMachine } = await import('../engine/calibrate.js');
  const onTrial = (trial: RateTrial) => process.stderr.write(`${describeTrial(trial)}\n`);
  const capacity = await measureMachine({ trialMs, maxRatePerSec, onTrial });
  process.stdout.write(`${options.json ? JSON.stringify(capacity, null, 2) : describeMachine(capacity).join('\n')}\n`);
  process.exitCode = capacity.heldPerSec > 0 ? EXIT.PASS : EXIT.INCONCLUSIVE;
}

async function calibrateTarget(url: string, options: CalibrateOptions): Promise<void> {
  const target = URL.canParse(url) ? new URL(url) : null;
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw usage(`\`${url}\` is no http or https URL.`, 'Write it as http://127.0.0.1:8080/.');
  }
  if (!options.allowRemote && !isNearHost(target.hostname)) {
    throw usage(
      `${target.hostname} is neither loopback nor private; a closed loop would load it as far as it goes.`,
      '`--allow-remote` permits it.',
    );
  }
  const connections = Number(options.connections);
  if (!Number.isInteger(connections) || connections < 1 || connections > 1000) {
    throw usage(`\`${options.connections}\` is no number of connections from 1 to 1000.`);
  }
  const seconds = Math.ceil(durationOf(options.for ?? '5s', 1000) / 1000);
  process.stderr.write(`loading ${target.href} for ${seconds} s with ${connections} connections\n`);
  const { measureTarget } = await import('../engine/calibrate.js');
  const capacity = await measureTarget(target.href, { seconds, connections });
  if (capacity.requests === 0) {
    process.stderr.write(`${target.href} answered no request in ${seconds} s (${capacity.errors} errors)\n`);
    process.exitCode = EXIT.PREFLIGHT;
  }
  process.stdout.write(`${options.json ? JSON.stringify(capacity, null, 2) : describeTarget(capacity).join('\n')}\n`);
}

/** The figures of this machine, each with what it means. */
export function describeMachine(capacity: MachineCapacity): string[] {
  const best = capacity.trials.findLast((trial) => trial.held && trial.ratePerSec === capacity.heldPerSec);
  if (best === undefined) {
    return [
      'This machine did not hold even the lowest rate: a run here would be inconclusive.',
      '`zdd-verify doctor` may say why.',
    ];
  }
  const { latenessMs } = best;
  return [
    `highest rate held  ${formatCount(capacity.heldPerSec)}/s${capacity.atLimit ? ' (the highest tried; it may hold more)' : ''}`,
    '  Nothing unsent, nothing failed, sent on time. A real target and the release itself need cores too: stay below half of it.',
    `lateness there     p50 ${formatMs(latenessMs.p50)}, p99 ${formatMs(latenessMs.p99)}, most ${formatMs(latenessMs.max)}`,
    '  How long after its time a request was sent. A run that is much later than this is disturbed.',
    `largest send gap   ${formatMs(best.largestSendGapMs)}`,
    '  The longest time without a request: a shorter outage could be missed at that rate.',
    `noise floor        ${formatMs(capacity.noiseFloorMs)}`,
    `  p99 latency of a server that does nothing, at ${capacity.trials.find(({ held }) => held)?.ratePerSec}/s: a difference of latencies below it is this machine's, not the app's.`,
  ];
}

/** The figures of a target, each with what it means. */
export function describeTarget(capacity: TargetCapacity): string[] {
  const { requestsPerSec, latencyMs, connections, seconds } = capacity;
  const bad = capacity.non2xx + capacity.errors + capacity.timeouts;
  return [
    `capacity           ${formatCount(requestsPerSec)}/s over ${connections} connections for ${seconds.toFixed(0)} s`,
    '  As fast as it answers. A release takes cores away: verify it at a third of this or less, or it is overload that is measured.',
    `latency            p50 ${formatMs(latencyMs.p50)}, p99 ${formatMs(latencyMs.p99)}, most ${formatMs(latencyMs.max)}`,
    '  Of a closed loop: while one answer is late nothing else is asked on its connection, so stalls are understated. No gate uses it.',
    `not as expected    ${formatCount(bad)} of ${formatCount(capacity.requests)} (${capacity.non2xx} outside 2xx, ${capacity.errors} errors, ${capacity.timeouts} timeouts)`,
    '  Closes between two requests are not counted here; a run counts them.',
  ];
}

function describeTrial(trial: RateTrial): string {
  const { latenessMs, latencyMs } = trial;
  const outcome = trial.held ? 'held' : `not held: ${trial.why}`;
  return `${formatCount(trial.ratePerSec).padStart(8)}/s  lateness p99 ${formatMs(latenessMs.p99)}  latency p99 ${formatMs(latencyMs.p99)}  ${outcome}`;
}

/** Loopback, private and link-local addresses, and names that cannot be public. */
export function isNearHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (/^(?:127|10)\.|^192\.168\.|^169\.254\.|^172\.(?:1[6-9]|2\d|3[01])\./.test(host)) return /^[\d.]+$/.test(host);
  if (host.includes(':')) return host === '::1' || /^f[cd]|^fe[89ab]/.test(host);
  return host === 'localhost' || host.endsWith('.localhost') || (!host.includes('.') && !/^\d+$/.test(host));
}

function durationOf(text: string, leastMs: number): number {
  const ms = parseDuration(text);
  if (ms === null || ms < leastMs || ms > 60_000) {
    throw usage(`\`${text}\` is no duration from ${formatMs(leastMs)} to 60 s.`, 'Write it as 5s.');
  }
  return ms;
}

function usage(message: string, hint?: string): ZddError {
  return new ZddError('USAGE', message, { hint });
}
