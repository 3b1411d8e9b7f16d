// Judges and reports the record in DIR, as `zdd-verify report` does, and prints what it took as JSON.
// Usage: node report-record.mjs DIR
const { judgeRecord, writeOutputs } = await import(new URL('../../dist/cli/results.js', import.meta.url).href);

const dir = String(process.argv[2]);
const began = performance.now();
const results = await judgeRecord(dir);
const judged = performance.now();
const judgeCpu = cpuSeconds();
const { faults } = await writeOutputs(dir, results);
const reported = performance.now();
process.stdout.write(
  `${JSON.stringify({
    judgeSeconds: (judged - began) / 1000,
    judgeCpuSeconds: judgeCpu,
    reportSeconds: (reported - judged) / 1000,
    reportCpuSeconds: cpuSeconds() - judgeCpu,
    rssKb: process.resourceUsage().maxRSS,
    verdict: results.judgement.verdict,
    problems: [...faults, ...results.run.recordFaults],
  })}\n`,
);

/** User + system time of this process since its start. */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
