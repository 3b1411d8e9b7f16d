export interface MetricFamily {
  name: string;
  type: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const DESCRIPTOR = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.*)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (-?(?:\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Inf)|NaN)$`);
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const SUFFIXES: Record<string, string[]> = {
  ...{ gauge: [''], counter: ['_total'], info: ['_info'], stateset: [''], summary: ['', '_count', '_sum'] },
};

/** A strict reader of OpenMetrics 1.0, of the parts that are used here: throws at whatever the text format does not allow. */
export function readOpenMetrics(text: string): MetricFamily[] {
  if (!text.endsWith('\n# EOF\n')) throw new SyntaxError('the last line is not # EOF');
  const families: MetricFamily[] = [];
  const seen = new Set<string>();
  for (const line of text.slice(0, -'# EOF\n'.length).trimEnd().split('\n')) {
    const described = DESCRIPTOR.exec(line);
    if (described !== null) {
      describe(families, described.slice(1) as [string, string, string]);
      continue;
    }
    const [, name, labels = '', value] = SAMPLE.exec(line) ?? refuse(line);
    const family = families.at(-1) ?? refuse(line);
    const sample = { name: name as string, labels: readLabels(labels, line), value: Number(value) };
    check(family, sample, line);
    const series = line.slice(0, line.lastIndexOf(' '));
    if (seen.has(series)) refuse(`twice: ${line}`);
    seen.add(series);
    family.samples.push(sample);
  }
  return families;
}

function describe(families: MetricFamily[], [what, name, text]: [string, string, string]): void {
  const family = families.at(-1);
  if (what === 'TYPE') {
    if (families.some((each) => each.name === name)) refuse(`a second family ${name}`);
    if (SUFFIXES[text] === undefined) refuse(`the type ${text}`);
    families.push({ name, type: text, samples: [] });
  } else if (family?.name !== name || family.samples.length > 0) refuse(`${what} ${name} out of its place`);
  else if (what === 'UNIT' && !name.endsWith(`_${text}`)) refuse(`${name} does not end in its unit ${text}`);
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== ''; ) {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? refuse(line);
    if (name in labels) refuse(`a label twice: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice((whole as string).length);
  }
  return labels;
}

function check({ name, type, samples }: MetricFamily, sample: MetricFamily['samples'][number], line: string): void {
  const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : null;
  if (suffix === null || SUFFIXES[type]?.includes(suffix) !== true) refuse(line);
  if (type === 'stateset' && (sample.labels[name] === undefined || ![0, 1].includes(sample.value))) refuse(line);
  if (type === 'info' && sample.value !== 1) refuse(line);
  if (type === 'counter' && sample.value < 0) refuse(line);
  if (type === 'summary' && suffix === '') {
    const quantile = Number(sample.labels.quantile ?? 'none');
    if (!(quantile >= 0 && quantile <= 1)) refuse(line);
  }
  // Points of one set of labels stand together.
  const group = (labels: Record<string, string>) =>
    JSON.stringify(Object.entries(labels).filter(([key]) => key !== 'quantile' && key !== name));
  const groups = [...samples, sample].map(({ labels }) => group(labels));
  const changes = groups.filter((each, i) => each !== groups[i - 1]);
  if (new Set(changes).size !== changes.length) refuse(`torn apart: ${line}`);
}

function refuse(what: string): never {
  throw new SyntaxError(`not OpenMetrics: ${what.slice(0, 200)}`);
}
