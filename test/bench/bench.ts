/**
 * `npm run bench [-- rates|faults|record [COUNT...]|report|shards]`: the engine beside other load generators on this machine.
 * Without a name: rates and faults, about ten minutes. Traffic goes to 127.0.0.1 alone.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureFaults } from './faults.ts';
import { GENERATORS } from './generators.ts';
import { describeMachine, machineLines } from './machine.ts';
import { nginxVersion } from './nginx.ts';
import { engine, wholeRun } from './ours.ts';
import { measureRates } from './rates.ts';
import { asMarkdown, asText, type Section } from './table.ts';

const ALL = [engine, wholeRun, ...GENERATORS];
const PARTS = ['rates', 'faults'];

const USAGE = `npm run bench -- [rates] [faults] [--seconds N] [--generators a,b] [--markdown] [--json FILE]
npm run bench -- record [COUNT...]      memory, disk and time of recording, judging and reporting so many requests
npm run bench -- report [--full]        size of report.html, time to make and to open it, for 10^4 to 10^6 requests
npm run bench -- shards                 one schedule from one process and from four: what is late, lost, and how long joining takes
  --full        of the report: 10^7 too, which takes minutes and 1 GB of disk
  --seconds     length of each measurement of the rates (default 10)
  --generators  these alone: ${ALL.map(({ name }) => name).join(', ')}
  --markdown    the tables as Markdown on stdout
  --json FILE   everything that was measured`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '10' },
    generators: { type: 'string' },
    markdown: { type: 'boolean', default: false },
    json: { type: 'string' },
    full: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(`${USAGE}\n`);
else if (positionals[0] === 'record') await record(positionals.slice(1));
else if (positionals[0] === 'report') await (await import('./report-bench.ts')).reportBench(values.full);
else if (positionals[0] === 'shards') await (await import('./shard-bench.ts')).shardBench();
else await compare(positionals.length === 0 ? PARTS : positionals);

async function record(texts: readonly string[]): Promise<void> {
  const { recordBench } = await import('./record-bench.ts');
  const counts = texts.map(Number);
  if (counts.every((count) => Number.isInteger(count) && count > 0)) {
    await recordBench(counts.length === 0 ? [100_000, 1_000_000] : counts);
  } else refuse();
}

function refuse(): void {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
}

async function compare(parts: readonly string[]): Promise<void> {
  const seconds = Number(values.seconds);
  const wanted = values.generators?.split(',') ?? ALL.map(({ name }) => name);
  const known =
    parts.every((part) => PARTS.includes(part)) && wanted.every((name) => ALL.some((each) => each.name === name));
  if (!known || !(seconds >= 2 && seconds <= 600)) return refuse();
  const machine = describeMachine();
  for (const line of machineLines(machine)) process.stdout.write(`${line}\n`);
  const generators = ALL.filter(({ name, version }) => wanted.includes(name) && version() !== null);
  const sections: Section[] = [];
  const show = (section: Section): void => {
    sections.push(section);
    process.stdout.write(`\n${values.markdown ? asMarkdown(section) : asText(section)}`);
  };
  if (parts.includes('rates')) {
    if (nginxVersion() === null) process.stdout.write('\nno rates without nginx: apt-get install nginx-light\n');
    else show(await measureRates({ generators, seconds, progress }));
  }
  // The faults are met by what users run; the engine alone judges nothing.
  if (parts.includes('faults')) {
    show(await measureFaults({ generators: generators.filter((each) => each !== engine), progress }));
  }
  if (values.json !== undefined) {
    const results = sections.map(({ title, data }) => ({ title, data }));
    writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  }
}

function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}
