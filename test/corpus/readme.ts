/** A row of the table of cases in a scenario's README. */
export interface ReadmeRow {
  set: Record<string, string>;
  mistake: string;
  step: string;
  verdict: string;
  exit: string;
}

/** Columns by the first word of their title; the first one holds what is set. */
const COLUMNS = ['mistake', 'step', 'verdict', 'exit'] as const;

/** The rows of the table with the columns `mistake`, `step`, `verdict` and `exit`; none where there is no such table. */
export function mistakesOf(markdown: string): ReadmeRow[] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => {
    const titles = cellsOf(line).map((cell) => cell.toLowerCase());
    return COLUMNS.every((name) => titles.includes(name));
  });
  if (head < 0) return [];
  const titles = cellsOf(lines[head] ?? '').map((cell) => cell.toLowerCase());
  const rows: ReadmeRow[] = [];
  for (const line of lines.slice(head + 2)) {
    const cells = cellsOf(line);
    if (cells.length === 0) break;
    const [mistake = '', step = '', verdict = '', exit = ''] = COLUMNS.map((name) => cells[titles.indexOf(name)]);
    rows.push({ set: settingsOf(cells[0] ?? ''), mistake, step, verdict, exit });
  }
  return rows;
}

/** `BREAK=no-op RELEASE=v3`, in code spans or not; `-` for nothing. */
function settingsOf(cell: string): Record<string, string> {
  const pairs = cell.replaceAll('`', '').matchAll(/([A-Za-z_][\w.]*)=(\S+)/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value]));
}

function cellsOf(line: string): string[] {
  const text = line.trim();
  if (!text.startsWith('|')) return [];
  return text
    .slice(1, text.endsWith('|') ? -1 : undefined)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}
