import type { ProbeName } from '../model/probe.js';
import {
  type Metric,
  PROBE_FAULT_METRICS,
  type ProbeFaultMetric,
  RECONNECT_METRICS,
  type RunMetric,
} from '../model/threshold.js';

type Texts = [meaning: string, remedy: string];

/** What each rule of the judge finds. */
export const FINDINGS: Record<string, Texts> = {
  unexplained: [
    'Users were harmed in a way that no known cause explains.',
    'The finding names the requests and the time: look at the output of the step and the logs of that time.',
  ],
  'failing-step': [
    'Requests failed in a step.',
    'The finding names causes, connections, flows and the first samples: `zdd-verify explain CAUSE` says what each cause means.',
  ],
  'stalled-step': [
    'No request of a flow succeeded for longer than the stall limit.',
    'Look for what was blocked: a lock of a migration, a stopped process that still listens, a queue before starting workers.',
  ],
  'probe-breach': [
    'A probe saw users lose something: a message, a session, a write, a long request. It is downtime, whatever the mix says.',
    'The finding names the first faults with time and detail; `zdd-verify explain METRIC` explains each, such as ledger_lost.',
  ],
  'probe-risk': [
    'A probe saw what a client has to cope with and could fail at: streams or WebSockets that were cut.',
    'It changes no verdict. Set a threshold, such as `websocket_disconnects: ["count==0"]`, where it should.',
  ],
  'idle-closed-unannounced': [
    'The server closed idle keep-alive connections without saying so before. A request sent at that moment is lost.',
    'An app announces `Connection: close` on the last answer before closing. A proxy that is reloaded: HAProxy 2.5 or later `option idle-close-on-response`, nginx 1.27.4 or later `keepalive_min_timeout 10s;`, or changes of the upstream without a reload; `worker_shutdown_timeout` of nginx does not touch idle connections. Clients that repeat idempotent requests lose none of those. Closes at the idle age at which the baseline has them too are its own idle timeout, and only noted.',
  ],
  'twin-comparison': [
    'Requests straight to a backend are held against those that failed on the usual way.',
    'Where both failed look at the app; where only the usual way did look at the proxy and its list of backends.',
  ],
  'control-failing': [
    'An endpoint that the release does not touch failed. What failed at the same time shows nothing of the release.',
    'Look for the cause in the network or on the machine of the harness, then run again.',
  ],
  'blocked-answers': [
    'A rate limiter or firewall answered instead of the app. That is neither a success nor a failure of the app: the run is inconclusive.',
    'Allow the harness (its User-Agent carries the run id), or lower the rate. `traffic.blocked` says which answers are meant.',
  ],
  'cached-answers': [
    'A cache answered more than 5 % of a flow in the place of the app: the flow proves nothing.',
    'Add a query that defeats the cache, send `cache-control: no-cache`, or expect a header that only the app sends.',
  ],
  'pre-existing-failures': [
    'Requests failed before any step began.',
    'Find out why the target fails when nothing is done to it: the same may be behind failures of the steps.',
  ],
  'retryable-losses': [
    'Requests were lost in a way that browsers hide by sending again.',
    'Let the server announce the end of a connection before it closes it: not every client sends again.',
  ],
  'old-version-after-hold': [
    'The old version still answered after the hold of the last step that moves traffic.',
    'Let the release end only when the old processes are gone, or hold for longer.',
  ],
  'versions-interleave': [
    'Answers of the old and the new release came by turns, though the last step that moves traffic was ready and what was under way then was answered.',
    'Look for what still runs or holds the old release: a process or a backend that was left out, a cache of code, paths or answers.',
  ],
  'never-took-over': [
    'The new release had answered, and at the end of the release the old one has most of the traffic. It is only a note where the new one keeps a share, as that may be meant.',
    'Look for what took it out again, or for backends and processes that the release left out.',
  ],
  'baseline-stalls': [
    'A flow stalls before any step: its limit is twice the longest stall of its baseline.',
    'Send more of this flow, or make it answer sooner, for a sharper limit.',
  ],
  'noisy-baseline': [
    'The baseline is too short or too noisy for a latency threshold that is held against it: a slower release might not be told from it.',
    'Lengthen `baseline`, or raise `traffic.rate` if the target can take it; lengthen `warmup` where the target was still warming up.',
  ],
  'version-not-verified': [
    'Nothing shows that the release changed anything.',
    'Declare `target.version`, or watch a link or processes, so that a deploy that changes nothing cannot pass.',
  ],
  'change-by-watchers': [
    'No version is declared; a watched link that changed and came back, or processes that began in the release, show that it changed something.',
    'Declare `target.version` where you can: what answers users is a better proof.',
  ],
  'tail-not-observed': [
    'Old processes still lived when the hold of the last step that moves traffic was over: nobody saw what their end does.',
    'Hold for longer than the longest request takes, or let the step wait until they are gone.',
  ],
  'new-before-old': [
    'New processes were there before the last old one was gone. That is how it should be.',
    'There is nothing to do.',
  ],
  'worker-gap': [
    'For a time none of the watched processes lived: the new ones began only when the old ones were gone.',
    'Reload in place of restarting, hand the listening socket over, or use a second instance.',
  ],
  'container-handover': [
    'Of the watched containers, or tasks of a Swarm service, none was running and healthy for a time; or a new one was before the last old one was gone, as it should be. Without a health check running is all that is known.',
    'Start the new container first, wait until it is healthy, then stop the old one: `--update-order start-first` in Swarm, a second service behind the proxy with Compose.',
  ],
  'platform-rollback': [
    "The platform did not carry the release through: it went back by itself (Swarm's `--update-failure-action rollback`), or gave up and left it halfway (`pause`, `progressDeadlineSeconds` of Kubernetes). A rollback that the scenario's own way back asked for is none of these; one that somebody else asked for is noted.",
    'Look why the new tasks failed. The way back of the scenario has to look at what the platform did first: a `docker service rollback` after its own one fails, or brings the release back.',
  ],
  'not-listening': [
    'For a time nothing listened on a watched address.',
    'Pass the listening socket on instead of closing and opening it, or use a second instance.',
  ],
  'link-absent': [
    'The watched link was away while it was replaced: whoever opened a file through it then found nothing.',
    'Make the new link beside the old one and move it over: `ln -s releases/v2 next && mv -T next current`.',
  ],
  'proxy-errors': [
    'A watched log tells of failed requests at the time when requests of the traffic failed.',
    'Its lines say what the proxy met. Send `x-request-id: zdd-${seq}` and log it, and they are tied to requests.',
  ],
  'masked-errors': [
    'A watched log tells of failed requests, and no request of the traffic failed: the retries of the proxy hid them, or they were of others (health checks, the readiness gate).',
    'Let the backend drain before it ends: a retry hides a failure only for requests that may be sent again.',
  ],
  'proxy-retries': [
    'HAProxy had to try connections again, or send requests to another server.',
    'Take a server out of rotation, and wait for its sessions, before it is stopped.',
  ],
  reconciliation: [
    'What became of each request that failed, by a watched log that names every request by its id (`ids`): it never arrived, or was answered with an error, or its answer got lost.',
    'What never arrived was lost in front of the proxy, what it answered with an error behind it. Unknown: the finding says what the log lacks; a request that was under way when its server ended writes no line.',
  ],
  'retried-upstream': [
    'By its log a proxy tried requests more than once behind it: the first server failed them.',
    'Let the backend drain before it ends: a retry hides a failure only for requests that may be sent again.',
  ],
  'repeated-requests': [
    'Requests were executed more than once by the log of the app, or reached more than one server by the log of the proxy.',
    'Never let a proxy repeat unsafe methods (nginx: no `non_idempotent`); give writes an idempotency key.',
  ],
  'server-down': [
    'A server of HAProxy was DOWN by its checks, a watched unit of systemd was not active, or a container was unhealthy, paused or restarting. One that was drained before is only noted.',
    'Drain before stopping; reload a unit in place of restarting it; send requests to healthy containers alone.',
  ],
  'lock-waits': [
    'Sessions of a watched database waited for locks in a step: behind a change of the schema that waited itself, for a lock that it held, or for each other.',
    'The finding names the table, who waited and for whom. It is said that a lock made requests slow only where most slow ones fall into that time, and hardly any other time would do as well.',
  ],
  'watched-incident': [
    'Something happened to what is watched: a process killed for want of memory, a server or unit that was started again, a proxy that was reloaded, a container that crashed or was killed.',
    'The finding says when and in which step. It changes no verdict.',
  ],
  'resource-limit': [
    'Memory, disk or connections of a database were all but used up during the release.',
    'Make room for two versions at once, or replace one instance after the other.',
  ],
  'log-lines': [
    'Lines of a watched log matched a pattern: one of yours, or a known one (worker timeouts, boot errors, OOM kills).',
    'The finding has the first lines. `watch[].patterns` says what else to look for.',
  ],
  'watcher-blind': [
    'A watcher could not see for a time of the release, or not everything: that it found nothing there says nothing.',
    'The finding says why: a file that is not there, a permission, a server that does not answer.',
  ],
};

const PROBE_TEXT: Record<ProbeName, string> = {
  idle: 'The probe idle holds keep-alive connections that wait after one request.',
  inflight: 'The probe inflight always has a long request under way.',
  upload: 'The probe upload sends a body slowly, again and again.',
  websocket: 'The probe websocket sends numbered messages and waits for each to come back.',
  sse: 'The probe sse listens to event streams, and asks for what it missed.',
  assets: 'The probe assets fetches a page of one release, and its assets while the other is live.',
  session: 'The probe session logs in before the first step, and asks with that session all through the release.',
  ledger: 'The probe ledger writes with a key each, and reads back every write that was acknowledged.',
  twin: 'The probe twin sends requests straight to a backend.',
  control: 'The probe control sends requests to an endpoint that the release does not touch.',
};

const SEVERITY_TEXT: Record<ProbeFaultMetric['severity'], (metric: Metric) => string> = {
  breach: () =>
    'Users lost something, which is downtime, and the default threshold `count==0` fails the gate. The report has the first faults with time and detail.',
  risk: (metric) =>
    `A client could have lost something: the default threshold \`count==0\` only warns. Set \`${metric}: ["count==0"]\` to fail the gate.`,
  evidence: () =>
    'It is no failure of the target itself, and has no default threshold: it says where a failure comes from.',
};

/** What each metric of a threshold measures. */
export const METRICS_EXPLAINED: Record<string, Texts> = {
  ...runMetrics(),
  ...Object.fromEntries(PROBE_FAULT_METRICS.map((metric) => [metric.metric, faultTexts(metric)])),
  ...Object.fromEntries(
    Object.entries(RECONNECT_METRICS).map(([metric, probe]) => [
      metric,
      [
        `How long the probe ${probe} took until it was connected again, ms; 0 where it never had to.`,
        `\`${metric}: ["max<2s"]\` fails the gate where a client had to wait longer.`,
      ],
    ]),
  ),
};

function runMetrics(): Record<RunMetric, Texts> {
  return {
    http_req_failed: [
      'Failed requests, as a rate or a count.',
      'Every cause has a page of its own: `zdd-verify explain` lists them.',
    ],
    http_reqs: ['Requests, as a count or per second.', 'A lower limit proves that there was enough traffic.'],
    conn_errors: [
      'Requests that failed by their connection: refused, reset, closed, truncated, timed out, not HTTP, TLS, GOAWAY.',
      'Look at how the server stops: draining, announced closes, a listening socket that is passed on.',
    ],
    retryable: [
      'Losses that a browser hides by sending again (`client: browser`), as a rate or a count.',
      'Announce the end of a connection before closing it.',
    ],
    blocked: [
      'Answers of rate limiters and firewalls, as a rate or a count; any makes the run inconclusive.',
      'Allow the harness (its User-Agent carries the run id), or lower the rate.',
    ],
    unsent: [
      'Arrivals that the harness did not send, as a rate or a count; any makes the run inconclusive.',
      'The causes late, cap, dns, descriptors and ports have pages of their own.',
    ],
    outage: [
      'Time from the first failure of a flow to its next success, ms.',
      'The report lists every outage with its step, causes and flows.',
    ],
    stall: [
      'Longest time without a success of a flow, from the due time of its oldest unanswered request, ms.',
      'Look for what was blocked: a lock of a migration, or a process that is stopped and still listens.',
    ],
    latency: [
      'Time from the intended start of a request to its end, ms; a failed one counts as its timeout.',
      'Against the baseline (`p(99)<2*baseline`) it is crossed only beyond the noise of both.',
    ],
    rollback_time: [
      'Time from the start of a rollback to ready, ms.',
      'Keep the old release in place, so that going back is a switch and not a build.',
    ],
    metric: [
      'What a watcher measured during the release, by its name: `metric{name:orders}`. `rate` is the rise of a counter per second.',
      'A value that was not seen passes nothing: the run is inconclusive.',
    ],
  };
}

function faultTexts({ metric, probe, severity, claim }: ProbeFaultMetric): Texts {
  const meaning = `${PROBE_TEXT[probe]} Counts how often ${claim}.`;
  return [meaning, SEVERITY_TEXT[severity](metric)];
}
