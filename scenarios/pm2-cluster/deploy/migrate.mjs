// Expand and fill, while the old release goes on reading and writing.
import './fail-plainly.mjs';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { here, mistake } from './layout.mjs';
import { connect } from './postgres.mjs';

const attempts = 20;
const lockNotAvailable = '55P03';

const client = await connect('migrate');
if (mistake === 'slow-lock') await alterBehindLongReport();
else await alterOrGiveWay(sql('expand'));
const filled = await backfill();
console.log(`discount_cents added, ${filled} rows filled`);
if (mistake === 'drop-column') await alterOrGiveWay(sql('contract'));
await client.end();

// A waiting ALTER TABLE blocks every reader that comes after it. So it waits a moment only, gives way, and tries again.
async function alterOrGiveWay(statement) {
  await client.query("SET lock_timeout = '200ms'");
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if (error.code !== lockNotAvailable || attempt === attempts) throw error;
      console.log(`the table is in use, attempt ${attempt} of ${attempts}`);
      await delay(500);
    }
  }
}

// The mistake of BREAK=slow-lock: somebody's report holds the table for 3.5 s, and one second into it the ALTER
// queues behind it without a lock_timeout, and every query of the shop behind the ALTER.
async function alterBehindLongReport() {
  const reader = await connect('report');
  await reader.query('BEGIN');
  await reader.query('SELECT sum(price_cents) FROM items');
  const report = reader.query('SELECT pg_sleep(3.5)').then(() => reader.query('COMMIT'));
  await delay(1_000);
  await client.query(sql('expand'));
  await report;
  await reader.end();
}

async function backfill() {
  let filled = 0;
  for (;;) {
    const { rowCount } = await client.query(sql('backfill'));
    if (rowCount === 0) return filled;
    filled += rowCount;
    await delay(20);
  }
}

function sql(name) {
  return readFileSync(path.join(here, 'db', `${name}.sql`), 'utf8');
}
