import type { FailureCause } from '../model/outcome.js';

/** Name -> colour on light, colour on dark. Every light colour is unique: the browser maps it to its dark twin. */
export const PALETTE = {
  page: ['#ffffff', '#0f1318'],
  raised: ['#f6f7f9', '#171c23'],
  sunken: ['#eef0f3', '#1f262f'],
  line: ['#dce0e6', '#2c3540'],
  strong: ['#b9c0ca', '#46525f'],
  text: ['#18202b', '#e4e9ef'],
  dim: ['#56616f', '#9ba8b6'],
  accent: ['#1f57c3', '#7fb0ff'],
  good: ['#15713f', '#55c98a'],
  bad: ['#b91c35', '#ff7d8d'],
  unsure: ['#8a5a00', '#f0b74a'],
  goodWash: ['#e9f6ef', '#12261c'],
  badWash: ['#fdedef', '#2d161b'],
  unsureWash: ['#fdf4e2', '#2a2110'],
  bandA: ['#f3f5f8', '#151a20'],
  bandB: ['#e8ecf2', '#1c232b'],
  outage: ['#d1203f1f', '#ff7d8d2b'],
  stall: ['#a56b001f', '#f0b74a2b'],
  lock: ['#00677f', '#4cc9e8'],
  lockWash: ['#00677f24', '#4cc9e833'],
  grid: ['#18202b1a', '#ffffff1a'],
  command: ['#41546c', '#93a7bf'],
  readiness: ['#5f7dab', '#5d80b5'],
  hold: ['#aab7c8', '#3d4c5e'],
  p50: ['#1c6dd0', '#62a6ff'],
  p99: ['#7a3fb8', '#c59bf5'],
  range: ['#7a3fb82e', '#c59bf533'],
  refused: ['#7d1128', '#e2506a'],
  reset: ['#d3304b', '#ff8f9c'],
  closed: ['#e2711d', '#ff9d4d'],
  truncated: ['#b58900', '#e6c14a'],
  timeout: ['#6b4fb3', '#a78bfa'],
  protocol: ['#586476', '#a5b1c0'],
  tls: ['#0b7285', '#3fc1d6'],
  goaway: ['#8a4b1f', '#c98a5c'],
  'refused-stream': ['#a3195b', '#f06ba8'],
  'unexpected-status': ['#b5309a', '#d667c2'],
  expectation: ['#2e6fd6', '#79a9ff'],
  retryable: ['#8d99a8', '#6d7a89'],
  version0: ['#3f7fc4', '#3b74b4'],
  version1: ['#12907f', '#189082'],
  version2: ['#c07f16', '#a8741e'],
  version3: ['#8561c5', '#7a5cb3'],
  version4: ['#a84f6d', '#9a4c67'],
  version5: ['#6c7f3a', '#66773a'],
  heat0: ['#c3d8f0', '#23446d'],
  heat1: ['#97bbe2', '#2f5b90'],
  heat2: ['#6a9bd1', '#4077b3'],
  heat3: ['#427abb', '#5e98d4'],
  heat4: ['#245a99', '#90beed'],
  heat5: ['#123a6b', '#d2e6fc'],
  status2: ['#2f8f6b', '#3fae85'],
  status3: ['#4c7fb8', '#5f93cf'],
  status4: ['#b26a00', '#e09a3e'],
  status5: ['#c2283f', '#ff7a88'],
  statusOther: ['#6b7686', '#93a0b0'],
  statusNone: ['#8a1030', '#e85d78'],
} as const satisfies Record<string, readonly [string, string]>;

export type ColourName = keyof typeof PALETTE;

export function colour(name: ColourName): string {
  return PALETTE[name][0];
}

export function versionColour(index: number): ColourName {
  return `version${index % 6}` as ColourName;
}

/** A second mark beside colour: how each failure cause, phase part and version is hatched. */
export type Hatch = 'solid' | 'rise' | 'fall' | 'cross' | 'dots' | 'rows';

export const CAUSE_HATCH: Record<FailureCause | 'retryable', Hatch> = {
  refused: 'solid',
  reset: 'rise',
  closed: 'fall',
  truncated: 'cross',
  timeout: 'rows',
  protocol: 'dots',
  tls: 'cross',
  goaway: 'rise',
  'refused-stream': 'solid',
  'unexpected-status': 'solid',
  expectation: 'dots',
  retryable: 'rows',
};

export const PART_HATCH = { command: 'solid', readiness: 'rise', hold: 'dots' } as const satisfies Record<
  string,
  Hatch
>;

export function versionHatch(index: number): Hatch {
  return (['solid', 'rise', 'dots', 'fall', 'rows', 'cross'] as const)[index % 6] as Hatch;
}
