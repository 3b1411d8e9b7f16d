// The shop on a database: the catalogue is read twice a second and served from memory, so that a short pause of the
// database does not reach users.
//   READY, LIVE   deep: asks the database; shallow: says that the process answers
//   PROVIDER_MS   readiness also asks the payment provider, who takes that long
import { setTimeout as delay } from 'node:timers/promises';
import { columns } from './catalog.mjs';
import { Database } from './postgres.mjs';

const { READY = 'deep', LIVE = 'shallow', PROVIDER_MS = '0' } = process.env;
const REFRESH_MS = 500;
const database = new Database();
let items = null;
let problem = 'the catalogue was not read yet';

const refresh = async () => {
  try {
    const rows = await database.query(`SELECT ${columns.join(', ')} FROM items ORDER BY id LIMIT 20`);
    items = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    problem = null;
  } catch (error) {
    problem = error.message;
  }
  setTimeout(refresh, REFRESH_MS).unref();
};
await Promise.race([refresh(), delay(1000)]);

export async function answer(request, url, { json, version }) {
  switch (`${request.method} ${url.pathname}`) {
    case 'GET /api/items':
      return items === null ? json(500, { error: problem }) : json(200, { items, version });
    case 'GET /readyz':
      await delay(Number(PROVIDER_MS));
      return READY === 'deep' ? health(json, version) : json(200, { status: 'ready', version });
    case 'GET /livez':
      return LIVE === 'deep' ? health(json, version) : json(200, { status: 'alive', version });
    default:
      return null;
  }
}

/** The query the pages need, now. */
async function health(json, version) {
  try {
    await database.query(`SELECT ${columns.join(', ')} FROM items LIMIT 1`);
    return items === null ? json(503, { status: problem, version }) : json(200, { status: 'ready', version });
  } catch (error) {
    return json(503, { status: error.message, version });
  }
}
