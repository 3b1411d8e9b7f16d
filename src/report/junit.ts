import { EXIT_MEANING } from '../model/exit-codes.js';
import type { Run } from '../model/run.js';
import { formatMs } from '../model/units.js';
import type { Judgement, ThresholdResult } from '../model/verdict.js';
import { distinct } from './distinct.js';
import { actualText, limitText, thresholdState } from './judged.js';
import type { Output } from './output.js';
import { type PhaseSummary, type Summary, summarize } from './summary.js';
import { element, textOf } from './xml.js';

/** JUnit for the test views of CI systems. What proves nothing is an error: `skipped` would show green. */
export const junit: Output = {
  name: 'junit',
  file: 'junit.xml',
  render: (run, judgement) => renderJunit(run, judgement),
};

interface Case {
  name: string;
  seconds: number;
  file?: string | null | undefined;
  line?: number | null | undefined;
  result: { kind: 'failure' | 'error' | 'skipped'; type: string; message: string } | null;
  output?: string | undefined;
}

export function renderJunit(run: Run, judgement: Judgement): string {
  const summary = summarize(run);
  const judged = [...stepCases(run, summary), ...thresholdCases(judgement)];
  const blamed = judged.some(({ result }) => result?.kind === 'failure' || result?.kind === 'error');
  const suites: [string, Case[]][] = [
    ['zdd.steps', stepCases(run, summary)],
    ['zdd.thresholds', thresholdCases(judgement)],
    ['zdd.generator', generatorCases(run, judgement, blamed)],
  ];
  const all = suites.flatMap(([, cases]) => cases);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(
    'testsuites',
    { name: 'zdd-verify', ...countsOf(all), time: (run.durationMs / 1000).toFixed(3) },
    [...suites.map(([name, cases]) => suiteOf(name, cases, run)), '\n'],
  )}\n`;
}

function suiteOf(name: string, cases: readonly Case[], run: Run): string {
  // Some CI servers drop a second case of a name.
  const names = distinct(cases.map((entry) => entry.name));
  const time = cases.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(3);
  const attributes = { name, ...countsOf(cases), time, timestamp: run.header.startedAt };
  return `\n  ${element('testsuite', attributes, [
    ...cases.map((entry, i) => {
      const named = { ...entry, name: names[i] as string };
      return `\n    ${caseOf(`${name}.${run.header.scenario.name}`, named)}`;
    }),
    '\n  ',
  ])}`;
}

function caseOf(classname: string, { name, seconds, file, line, result, output }: Case): string {
  const children: string[] = [];
  if (result?.kind === 'skipped') children.push(element('skipped', { message: result.message }));
  // GitLab shows what stands in the element, Jenkins the attribute above it.
  else if (result)
    children.push(element(result.kind, { type: result.type, message: result.message }, [textOf(result.message)]));
  if (output) children.push(element('system-out', {}, [textOf(output)]));
  return element('testcase', { classname, name, time: seconds.toFixed(3), file, line }, children);
}

function countsOf(cases: readonly Case[]) {
  const of = (kind: string) => cases.filter(({ result }) => result?.kind === kind).length;
  return { tests: cases.length, failures: of('failure'), errors: of('error'), skipped: of('skipped') };
}

function stepCases(run: Run, { phases, notReached }: Summary): Case[] {
  const { file } = run.header.scenario;
  const ran = phases.map((entry, position): Case => {
    const { phase, tally, label } = entry;
    return {
      name: label,
      seconds: (phase.endAt - phase.startAt) / 1000,
      file,
      result: stepResult(entry, run.cut && position === phases.length - 1),
      output: `${tally.requests} requests, ${tally.failed} failed${tally.blocked > 0 ? `, ${tally.blocked} blocked` : ''}${phase.detail === '' ? '' : `; ${phase.detail}`}`,
    };
  });
  const missing = notReached.map(
    ({ name }): Case => ({
      name,
      seconds: 0,
      file,
      result: { kind: 'skipped', type: 'not-reached', message: 'not reached' },
    }),
  );
  return [...ran, ...missing];
}

function stepResult({ phase }: PhaseSummary, cutHere: boolean): Case['result'] {
  const exit = phase.signal !== null ? `signal ${phase.signal}` : `exit ${phase.exitCode ?? '-'}`;
  const detail = phase.detail === '' ? '' : `: ${phase.detail}`;
  switch (phase.outcome) {
    case 'failed':
      return { kind: 'error', type: 'command', message: `the command failed (${exit})${detail}` };
    case 'timeout':
      return { kind: 'error', type: 'timeout', message: `the command did not end in time${detail}` };
    case 'not-ready':
      return { kind: 'error', type: 'readiness', message: `the step did not become ready${detail}` };
    case 'stopped':
      return { kind: 'error', type: 'stopped', message: `the step was stopped${detail}` };
    case 'not-reached':
    case 'skipped':
      return { kind: 'skipped', type: phase.outcome, message: phase.outcome };
    default:
      return cutHere ? { kind: 'error', type: 'cut', message: 'the run was cut in this phase' } : null;
  }
}

function thresholdCases({ thresholds }: Judgement): Case[] {
  return thresholds.map((threshold): Case => {
    const facts = `measured ${actualText(threshold)}, limit ${limitText(threshold)}`;
    const note = threshold.note === '' ? '' : ` (${threshold.note})`;
    return {
      name: `${threshold.name} ${threshold.expression} [${threshold.phase}]`,
      seconds: 0,
      file: threshold.source?.file,
      line: threshold.source?.line,
      result: thresholdResult(threshold, `${facts}${note}`),
      output: `${threshold.level}: ${facts}${note}`,
    };
  });
}

function thresholdResult(threshold: ThresholdResult, message: string): Case['result'] {
  switch (thresholdState(threshold)) {
    case 'crossed':
      return { kind: 'failure', type: threshold.name, message: `crossed: ${message}` };
    case 'doubtful':
      return { kind: 'error', type: 'inconclusive', message: `crossed, of level inconclusive: ${message}` };
    case 'unproven':
      return { kind: 'error', type: 'inconclusive', message: `inconclusive: ${message}` };
    case 'silent':
      return { kind: 'skipped', type: 'silent', message: `no statement: ${message}` };
    default:
      return null;
  }
}

/** `blamed`: another case is already red. Whatever ended in a non-zero exit is red somewhere. */
function generatorCases(run: Run, judgement: Judgement, blamed: boolean): Case[] {
  const { generator, recordFaults, end } = run;
  const seconds = run.durationMs / 1000;
  const error = (type: string, messages: readonly string[]): Case['result'] =>
    messages.length === 0 ? null : { kind: 'error', type, message: messages.join('; ') };
  const proven = judgement.verdict === 'inconclusive' || judgement.gate === 'inconclusive' ? judgement.reasons : [];
  const faults = [
    ...(end?.faults ?? []),
    ...recordFaults,
    ...(run.cut ? ['the run was cut: its record has no end'] : []),
  ];
  const cases: Case[] = [
    {
      name: 'traffic was sent as planned',
      seconds,
      result: judgement.healthy
        ? null
        : error('harness', orElse(judgement.harnessReasons, 'the harness was not healthy')),
      output: `${generator.achievedRate.toFixed(1)} of ${generator.targetRate}/s, lateness p99 ${formatMs(generator.latenessMs.p99)}`,
    },
    { name: 'the record is whole', seconds: 0, result: error('record', faults) },
    {
      name: 'the run proves something',
      seconds: 0,
      result:
        judgement.verdict === 'inconclusive' || judgement.gate === 'inconclusive'
          ? error('inconclusive', orElse(proven, judgement.headline))
          : null,
    },
  ];
  const red = blamed || cases.some(({ result }) => result !== null);
  const exit = judgement.exitCode;
  return [
    ...cases,
    {
      name: `exit code ${exit}`,
      seconds: 0,
      result: exit !== 0 && !red ? error(`exit-${exit}`, [EXIT_MEANING[exit], ...judgement.reasons]) : null,
      output: EXIT_MEANING[exit],
    },
  ];
}

function orElse(texts: readonly string[], otherwise: string): readonly string[] {
  return texts.length > 0 ? texts : [otherwise];
}
