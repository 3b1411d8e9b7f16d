type Paint = (text: string) => string;

/** Colours by meaning's carrier; each returns its text unchanged where colour is off. */
export interface Style {
  enabled: boolean;
  bold: Paint;
  dim: Paint;
  red: Paint;
  green: Paint;
  yellow: Paint;
  cyan: Paint;
}

type Env = Readonly<Record<string, string | undefined>>;
type Output = { isTTY?: boolean | undefined };

/** The style for a stream: colour on a terminal, never with NO_COLOR, always with FORCE_COLOR (which wins, as in Node). */
export function styleOf(stream: Output, env: Env): Style {
  return isColored(stream, env) ? COLORED : PLAIN;
}

function isColored(stream: Output, env: Env): boolean {
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env.NO_COLOR) return false;
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** Whether lines may be drawn over: a terminal that a person watches, not a log that pretends to be one. */
export function canRedraw(stream: Output, env: Env): boolean {
  const inCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false' && env.CI !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb' && !inCi;
}

const same: Paint = (text) => text;
export const PLAIN: Style = { enabled: false, bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

const paint = (on: number, off: number): Paint => {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
};
export const COLORED: Style = {
  enabled: true,
  bold: paint(1, 22),
  dim: paint(2, 22),
  red: paint(31, 39),
  green: paint(32, 39),
  yellow: paint(33, 39),
  cyan: paint(36, 39),
};
