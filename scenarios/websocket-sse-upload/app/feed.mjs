// Usage: feed.mjs FILE. Writes a price every 100 ms, one numbered line each: what a database or a message broker is to
// the service. No release touches it, and every instance reads the same events.
import { appendFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
let id = 0;

setInterval(() => {
  id += 1;
  appendFileSync(file, `${JSON.stringify({ id, sku: 'A1', cents: 3900 + (id % 100) })}\n`);
}, 100);
