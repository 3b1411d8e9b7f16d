import { CAUSES } from '../judge/causes/registry.js';
import { RUN_CAUSES } from '../judge/causes/run-causes.js';
import { RULE_PAGES } from '../migrations/check/rule-pages.js';
import { TRACE_RULES } from '../migrations/trace/rules.js';
import { ERROR_CODES, type ErrorCode } from '../model/errors.js';
import { EXIT_MEANING, type ExitCode } from '../model/exit-codes.js';
import type { FailureCause, UnsentCause } from '../model/outcome.js';
import { FINDINGS, METRICS_EXPLAINED } from './explanations-findings.js';

/** A code in plain words. */
export interface Explanation {
  code: string;
  kind: 'exit' | 'error' | 'failure' | 'unsent' | 'cause' | 'finding' | 'metric' | 'migration';
  meaning: string;
  /** Of a cause: how it looks from a client. */
  signature?: string;
  remedy: string;
  /** Of a cause: the line that fixes it, by system. */
  fixes?: string[];
  references?: readonly string[];
}

/** What to do after each exit code; the meaning is the model's. */
const EXIT_REMEDIES: Record<ExitCode, string> = {
  0: 'Nothing. The report says within which bound zero holds: more requests make the bound smaller.',
  1: 'Run again with ZDD_DEBUG=1 and report what it prints. The run proves nothing; look at the target to see which release it serves.',
  2: 'Read the message: it names the file, line and column, or the option. `zdd-verify validate` checks a scenario without running it. The release was not touched.',
  94: 'Look at the target before looking at the release: it does not answer as the scenario expects although nothing was deployed yet. `zdd-verify doctor SCENARIO` shows what it answers.',
  95: 'Act by hand, now: the release failed and so did its way back. The last lines say which version the target serves and where the runbook is; `steps/*.log` in the run directory has the output of the rollback.',
  96: 'The new release did not become ready in time. The report lists every readiness check with its answer. Either the release does not start, or `within` is shorter than its start.',
  97: 'Read `steps/<name>.log` in the run directory: it ends with what the command said. Then the report: what users noticed meanwhile is a separate question with a separate answer.',
  98: 'Read the reasons: the harness could not hold the rate, the run was cut, the version never changed, or too few requests were sent. `zdd-verify calibrate` shows what this machine can hold; a lower rate or a longer baseline and hold often settle it.',
  99: 'Open `report.html`: it names the threshold, the step in which it was crossed, the failures behind it and the likely cause.',
  130: 'Nothing went wrong but the run is partial. If the switch had begun and a rollback is defined, the old release was put back; without a rollback what the release did stays, to be undone by hand. The last lines say which, and what the target serves.',
  143: 'A CI runner or a person ended the run. If the switch had begun and a rollback is defined, the old release was put back in a session of its own; `run SCENARIO --only rollback --resume DIR` repeats it. Without a rollback what the release did stays, to be undone by hand.',
};

/** What to do about each error code; the meaning is the model's. */
const ERROR_REMEDIES: Record<ErrorCode, string> = {
  USAGE: '`zdd-verify help COMMAND` lists the options and has examples.',
  SCENARIO_UNREADABLE: 'Check the path and the permissions of the file.',
  SCENARIO_INVALID:
    'Each line of the message is `file:line:column` with what is wrong there. `zdd-verify validate --print-effective` shows the scenario as it was understood.',
  VARIABLE_MISSING:
    'Set the variable in the environment, with `--set NAME=value`, or give it a default: `${NAME:-value}`. A secret is read from NAME or from the file that NAME_FILE names.',
  NOT_SUPPORTED:
    'Leave that part out, or use a later version. It is refused because a part that is silently ignored would make the verdict wrong.',
  SHARD_REFUSED:
    'Start every shard with the same scenario file, --set, token and number of shards, and shard 1 where the others reach it.',
  TARGET_LOCKED: 'Wait for the other run, or stop it. A lock whose process is gone is taken over without asking.',
  WRITES_NOT_ALLOWED:
    'If the target may really be written to at this rate set `target.allowWrites: true`; otherwise use flows with GET or HEAD.',
  OUTPUT_UNWRITABLE: 'Choose a folder with `--out`, free some disk space, or correct the permissions.',
  RECORD_UNREADABLE: 'Give the run directory itself (`reports/<run-id>`), the one that holds `journal.ndjson`.',
  PROGRAM_MISSING:
    'Install the program the message names; `zdd-verify doctor SCENARIO` lists every program the steps need.',
  NO_RUN:
    '`mark` and `stop` belong to a run that `zdd-verify start` began, found by `--run DIR`, by ZDD_RUN or under `--out`; or `mark` is called by a script that `zdd-verify run -- COMMAND` started, which must pass its environment on.',
  HAPROXY_UNREACHABLE:
    'Name the `stats socket` of the `global` section with `--socket`, and run as a user who may connect to it. A path, or HOST:PORT.',
  HAPROXY_REFUSED:
    'The message says why. Names are `BACKEND/SERVER` as in the configuration; the socket needs `level admin` to change anything.',
  MIGRATION_UNREADABLE:
    'The message names the file and what is wrong with it. Name files with SQL, a folder of `*.sql`, or `-` for standard input.',
  HARNESS_FAULT:
    'Run again with ZDD_DEBUG=1 and report what it prints. The release may be fine: this says nothing about it.',
};

const FAILURES: Record<FailureCause, [meaning: string, remedy: string]> = {
  refused: [
    'The connection was refused: nothing listened on the port at that moment.',
    'Keep the old process listening until the new one is ready: reload instead of restart, socket activation, or switch the proxy only after a health gate.',
  ],
  reset: [
    'The server tore the connection down (RST) before the first byte of its answer.',
    'Requests on reused connections show it first: announce `Connection: close` while draining, wait longer than clients stay idle, then close; and never kill a process that still has sockets.',
  ],
  closed: [
    'The server closed the connection in order (FIN) although a request had been sent on it, before the first byte of the answer.',
    'The usual race of keep-alive with a shutdown. Drain before closing idle connections, or keep idle connections open longer than the client does.',
  ],
  truncated: [
    'The answer began and was cut: the connection ended before the length it had promised.',
    'A process was ended while it answered. Lengthen the time between the stop signal and the kill beyond the longest request.',
  ],
  timeout: [
    'No connection, or no complete answer, within `target.timeout`.',
    'Look for what was blocked at that time: a queue in front of starting workers, a lock in the database, a process that is stopped but still listens.',
  ],
  protocol: [
    'Bytes came that are not HTTP, or an answer that breaks its own framing.',
    'Another program may have taken the port over, or a proxy mixed up two answers. The record holds what was read.',
  ],
  tls: [
    'The TLS handshake failed, or the certificate was not accepted.',
    'Check that every instance serves the whole chain and the right name: a release often brings one instance with another certificate.',
  ],
  goaway: [
    'The server closed an HTTP/2 connection (GOAWAY) and left this request, which it had not refused, without an answer.',
    'Send GOAWAY with the highest stream id first, go on serving the streams below the last one, and close only when they are done.',
  ],
  'refused-stream': [
    'The server refused an HTTP/2 stream (REFUSED_STREAM), or answered with a GOAWAY that leaves it out: nothing of it was processed.',
    'A client may send it again safely, and many do not. Announce the end with GOAWAY, and keep serving until clients have moved on.',
  ],
  'unexpected-status': [
    'A whole answer came with a status the scenario does not expect (by default anything outside 200-399).',
    '502, 503 and 504 come from the proxy: no healthy backend at that moment. 500 comes from the app: old code on a new schema, or the reverse. 404 on assets: the old files are gone too early.',
  ],
  expectation: [
    'A whole answer came with an expected status, but its body, JSON or headers are not what the scenario expects.',
    'The report shows the expectation that failed. During a release it mostly means that two versions disagree about a field.',
  ],
};

const UNSENT: Record<UnsentCause, [meaning: string, remedy: string]> = {
  late: [
    'The harness was so late that it gave the arrival up instead of sending it at a wrong time.',
    'Lower the rate to what `zdd-verify calibrate` shows, give the harness a core of its own, or run it on another machine than the app.',
  ],
  cap: [
    'More requests were in flight than the limit allows, so this one was not sent.',
    'The target is far slower than the rate: lower the rate or the timeout. The limit protects this machine and is `traffic.maxInFlight`.',
  ],
  dns: [
    'The name of the target could not be resolved.',
    'That says something about the resolver and nothing about the app: use an address, or a resolver that answers.',
  ],
  descriptors: [
    'This process ran out of file descriptors, so no socket could be opened.',
    'Raise the limit (`ulimit -n 65536`) or lower the share of fresh connections; `zdd-verify doctor` shows the limit.',
  ],
  ports: [
    'No local port was free for another connection.',
    'Fresh connections leave a port occupied for a minute. Lower their share or the rate, or widen `net.ipv4.ip_local_port_range`.',
  ],
};

/** Everything that can be explained, in the order it is listed. */
export const EXPLANATIONS: readonly Explanation[] = [
  ...exits(),
  ...errors(),
  ...outcomes('failure', FAILURES),
  ...outcomes('unsent', UNSENT),
  ...[...CAUSES, ...RUN_CAUSES].map(({ name, claim, because, signature, remedy, fixes = {}, references }) => ({
    code: name,
    kind: 'cause' as const,
    meaning: `${claim} ${because}`,
    signature,
    remedy,
    fixes: Object.values(fixes),
    references,
  })),
  ...outcomes('finding', FINDINGS),
  ...outcomes('metric', METRICS_EXPLAINED),
  ...RULE_PAGES.map(migrationRule),
  ...Object.entries(TRACE_RULES).map(([name, rule]) => migrationRule({ name, ...rule })),
];

function migrationRule({
  name,
  claim,
  because,
  remedy,
  references,
}: Omit<(typeof RULE_PAGES)[number], 'severity'>): Explanation {
  return { code: name, kind: 'migration', meaning: `${claim} ${because}`, remedy, references };
}

function exits(): Explanation[] {
  return Object.entries(EXIT_REMEDIES).map(([code, remedy]) => ({
    code,
    kind: 'exit',
    meaning: sentence(EXIT_MEANING[Number(code) as ExitCode]),
    remedy,
  }));
}

function errors(): Explanation[] {
  return (Object.keys(ERROR_REMEDIES) as ErrorCode[]).map((code) => ({
    code,
    kind: 'error',
    meaning: ERROR_CODES[code],
    remedy: ERROR_REMEDIES[code],
  }));
}

function outcomes(
  kind: 'failure' | 'unsent' | 'finding' | 'metric',
  texts: Record<string, [string, string]>,
): Explanation[] {
  return Object.entries(texts).map(([code, [meaning, remedy]]) => ({ code, kind, meaning, remedy }));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
