#!/usr/bin/env node
/**
 * The command. Nothing but the version check is loaded before it, so that an old Node gets a sentence
 * instead of a syntax error from a dependency.
 */
const OLDEST_NODE = [20, 18, 1] as const;

if (isTooOld(process.versions.node)) {
  process.stderr.write(
    `zdd-verify needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  const { main } = await import('./program.js');
  await main(process.argv.slice(2));
}

function isTooOld(version: string): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, needed] of OLDEST_NODE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== needed) return part < needed;
  }
  return false;
}
