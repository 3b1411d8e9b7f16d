#!/usr/bin/env node
/**
 * Tells a fault server what to do, from a step: `node fault-control.mjs '{"do":"fault","fault":"rst"}' ...`, in
 * order, each once the one before it is done. The server's control port is in FAULT_CONTROL (a URL).
 */
for (const command of process.argv.slice(2)) {
  const response = await fetch(process.env.FAULT_CONTROL ?? '', { method: 'POST', body: command });
  const text = await response.text();
  if (!response.ok) throw new Error(`${command}: ${text}`);
}
