// The two ways in which a step speaks to GitHub's runner: outputs, and commands in its log.
import { appendFileSync } from 'node:fs';

/** Sets outputs of the step. A value is one line: what follows a line end would be an output of its own. */
export function setOutputs(values, env = process.env) {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${oneLine(String(value ?? ''))}\n`);
  if (env.GITHUB_OUTPUT) appendFileSync(env.GITHUB_OUTPUT, lines.join(''));
}

/** A `notice`, `warning` or `error` on the page of the job. */
export function annotate(level, message) {
  process.stdout.write(`::${level} title=zdd-verify::${oneLine(message).replace(/%/g, '%25')}\n`);
}

/** Ends the step with a sentence. */
export function fail(message) {
  annotate('error', message);
  process.exit(1);
}

function oneLine(text) {
  return text.replace(/[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g, ' ');
}
