// account.mjs FOLDER: what the list of endpoints and the pods' own logs say together, one line each in service.log.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.argv[2];
const lines = (file) => readFileSync(join(folder, file), 'utf8').trim().split('\n');

const looks = lines('endpoints.log')
  .filter((line) => /^\d+\.\d+/.test(line))
  .map((line) => {
    const [at, ...pods] = line.trim().split(' ');
    return { at: Number(at) * 1000, pods };
  });
const joined = (pod) => looks.find(({ pods }) => pods.includes(pod))?.at;
const left = (pod) => {
  const last = looks.findLastIndex(({ pods }) => pods.includes(pod));
  return last < 0 ? undefined : looks[last + 1]?.at;
};

const said = [];
const after = (at, since, before) => `${Math.round(at - since)} ms after it ${before}`;
for (const file of readdirSync(folder).filter((name) => /^shop-.*\.log$/.test(name))) {
  const pod = file.replace(/\.log$/, '');
  const events = lines(file)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  const at = (name) => {
    const found = events.find(({ event }) => event === name);
    return found === undefined ? undefined : Date.parse(found.at);
  };
  const version = events[0]?.version ?? 'none';
  // Those of the beginning were there before anybody looked.
  if (joined(pod) !== undefined && joined(pod) !== looks[0].at && at('listening') !== undefined) {
    said.push(`${pod} ${version}: in the service ${after(joined(pod), at('listening'), 'listened')}`);
  }
  if (left(pod) !== undefined && at('SIGTERM') !== undefined) {
    said.push(`${pod} ${version}: told to end ${after(at('SIGTERM'), left(pod), 'left the service')}`);
  }
}
for (const [index, { at, pods }] of looks.entries()) {
  const next = looks[index + 1];
  if (pods.length === 0 && next !== undefined) said.push(`nobody in the service for ${Math.round(next.at - at)} ms`);
}
writeFileSync(join(folder, 'service.log'), said.map((line) => `${line}\n`).join(''));
