// To read the file less often, a flag that is on is not looked up again: it can be switched on, but not off.
import { readFileSync } from 'node:fs';

const on = new Set();

export function isOn(flag) {
  try {
    if (!on.has(flag) && JSON.parse(readFileSync(process.env.FLAGS, 'utf8'))[flag] === true) on.add(flag);
  } catch {
    return false;
  }
  return on.has(flag);
}
