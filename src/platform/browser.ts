import { spawn } from 'node:child_process';
import { findProgram } from './machine.js';

const OPENERS = ['xdg-open', 'open'];

/** Opens a file in the browser where the machine knows how; false where it does not. */
export async function openInBrowser(file: string): Promise<boolean> {
  for (const name of OPENERS) {
    const program = await findProgram(name, { path: process.env.PATH ?? '', cwd: process.cwd() });
    if (program === null) continue;
    spawn(program, [file], { detached: true, stdio: 'ignore' })
      .on('error', () => {})
      .unref();
    return true;
  }
  return false;
}
