// Flags are a file that every process reads while it runs: what is switched there holds for the next request.
//   FLAGS   its path: { "discounts": true }
import { readFileSync } from 'node:fs';

export function isOn(flag) {
  try {
    return JSON.parse(readFileSync(process.env.FLAGS, 'utf8'))[flag] === true;
  } catch {
    return false; // A store that cannot be read switches nothing on.
  }
}
