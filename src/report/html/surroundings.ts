import { formatCount, formatMs, formatShare } from '../../model/units.js';
import { clockText, deployedTime } from '../surroundings.js';
import { atSeconds, clip } from '../text.js';
import { type Html, html } from './html.js';
import { facts, table } from './table.js';
import type { Section, View } from './view.js';

/** What is released, whom it reached before it was undone, and what was asked before and done after. */
export const releaseSection: Section = {
  id: 'release',
  nav: 'Release',
  render: (view) => {
    const parts = [released(view), blast(view), required(view), windows(view), hosts(view), hooks(view)];
    return parts.every((part) => part === null) ? null : html`<h2>Release</h2>${parts}`;
  },
};

function released({ run, judgement }: View): Html | null {
  const { name = null, git = null, gitFrom = null, url = null } = run.header.release ?? {};
  const { deployedAt } = judgement;
  const runbook = run.header.scenario.runbook;
  const entries: [string, Html | string][] = [
    ...(name === null ? [] : [['Release', clip(name, 200)] as [string, string]]),
    ...(git === null
      ? []
      : [
          [
            'Commit',
            html`<code>${clip(git, 80)}</code>${gitFrom === 'repository' && html` <span class="sub">of the repository that holds the scenario</span>`}`,
          ] as [string, Html],
        ]),
    // Text, not a link: whoever wrote the scenario is not who reads the report.
    ...(url === null ? [] : [['More', clip(url, 400)] as [string, string]]),
    ...(deployedAt === null
      ? []
      : [
          [
            'Deployed at',
            html`${atSeconds(deployedAt)}<span class="sub">${deployedTime(run, judgement)}: the last step that moves traffic was ready</span>`,
          ] as [string, Html],
        ]),
    ...(runbook === null ? [] : [['Runbook', clip(runbook, 400)] as [string, string]]),
  ];
  return entries.length === 0 ? null : facts(entries);
}

function blast({ judgement: { blastRadius } }: View): Html | null {
  if (blastRadius === null) return null;
  const { version, requests, failed, share, failedShare, ms, all, failedUnknown, phase } = blastRadius;
  return html`<h3>Blast radius</h3><p>Whom the release reached before it was undone, from ${phase} on.</p>${facts([
    ['New version', version ?? 'it answered nothing'],
    ['Answered by it', `${formatCount(requests)} of ${formatCount(all)} requests, ${formatShare(share)}`],
    ['Of these failed', requests === 0 ? '–' : `${formatCount(failed)}, ${formatShare(failedShare)}`],
    ['From its first answer to its last', version === null ? '–' : formatMs(ms)],
    ['Failed without saying a version', formatCount(failedUnknown)],
  ])}`;
}

function required({ run: { requirements } }: View): Html | null {
  if (requirements.length === 0) return null;
  return html`<h3>Required before anything was run</h3>${table(
    'Required before anything was run',
    [{ name: 'what', wide: true }, { name: 'holds' }, { name: 'took', number: true }, { name: 'why not', wide: true }],
    requirements.map(({ what, ok, ms, detail }) => ({
      tone: ok ? undefined : ('hit' as const),
      cells: [clip(what, 300), ok ? 'yes' : 'no', formatMs(ms), clip(detail, 400)],
    })),
  )}`;
}

function windows({ run: { phases } }: View): Html | null {
  const held = phases.filter(({ window }) => window !== null);
  if (held.length === 0) return null;
  return html`<h3>Held for a number of requests</h3>${table(
    'Held for a number of requests',
    [
      { name: 'step' },
      { name: 'of' },
      { name: 'wanted', number: true },
      { name: 'came', number: true },
      { name: 'in', number: true },
    ],
    held.map(({ name, window }) => {
      const { wanted = 0, requests = 0, version, flow, forMs = 0 } = window ?? {};
      const of = [version, flow].filter((each) => each !== null && each !== undefined).join(', ');
      return {
        tone: requests >= wanted ? undefined : ('hit' as const),
        cells: [name, clip(of === '' ? 'all' : of, 100), formatCount(wanted), formatCount(requests), formatMs(forMs)],
      };
    }),
  )}`;
}

function hosts({ run }: View): Html | null {
  const known = run.header.hosts ?? [];
  if (known.length === 0) return null;
  return html`<h3>Hosts</h3>${table(
    'Hosts',
    [{ name: 'host' }, { name: 'destination', wide: true }, { name: 'its clock, against ours', wide: true }],
    known.map(({ name, destination }) => {
      const clock = run.hosts.find((each) => each.name === name);
      return {
        tone: clock === undefined ? ('hit' as const) : undefined,
        cells: [name, clip(destination, 200), clock === undefined ? 'not reached' : clockText(clock)],
      };
    }),
  )}`;
}

function hooks({ run }: View): Html | null {
  if (run.hooks.length === 0) return null;
  return html`<h3>Hooks</h3>${table(
    'Hooks',
    [
      { name: 'on' },
      { name: 'command', wide: true },
      { name: 'exit', number: true },
      { name: 'took', number: true },
      { name: 'problem', wide: true },
    ],
    run.hooks.map(({ event, command, exitCode, ms, problem }) => ({
      tone: problem === null ? undefined : ('warn' as const),
      cells: [event, clip(command, 300), exitCode, formatMs(ms), clip(problem ?? '', 300)],
    })),
  )}`;
}
