import { type Engine, type EngineEvent, filters, listIn } from '../platform/docker-engine.js';
import { type Json, list, mapping, text } from '../platform/docker-json.js';
import { createEnds } from './docker-ends.js';
import { countReady, type EngineReport } from './docker-report.js';
import type { WatchPlanOf } from './plan.js';
import { createStates } from './states.js';
import type { WatchContext } from './watcher.js';

/** Containers that are looked at, and those that are told apart in a run. */
const LOOKED_AT = 100;
const TOLD_APART = 1000;
const PROJECT = 'com.docker.compose.project';

/** State, health and end of containers, by their names or by the Compose project they belong to. */
export function createContainersReport(plan: WatchPlanOf<'docker'>, context: WatchContext): EngineReport {
  const { record } = context;
  const state = createStates(context);
  const ends = createEnds(context, true);
  const ready = countReady(context);
  /** Containers that are there, by their id: what they are called, which stays whatever they are renamed to. */
  const subjects = new Map<string, string>();
  const named = new Set<string>();
  const outOfMemory = new Set<string>();
  const matched = new Set<string>();
  let apart = 0;
  let hasMore = false;

  const subjectOf = (id: string, row: Json): string | null => {
    const known = subjects.get(id);
    if (known !== undefined) return known;
    if (apart >= TOLD_APART) return null;
    apart += 1;
    const subject = `${nameOf(row)} ${id.slice(0, 12)} (${imageOf(row)})`;
    subjects.set(id, subject);
    return subject;
  };

  return {
    async look(engine) {
      ends.settle(context.stopping.aborted);
      const rows = await rowsOf(engine, plan);
      if (rows.length > LOOKED_AT && !hasMore) record({ what: 'unseen', detail: `more than ${LOOKED_AT} containers` });
      hasMore ||= rows.length > LOOKED_AT;
      let count = 0;
      const there = new Set<string>();
      for (const row of rows.slice(0, LOOKED_AT)) {
        const id = text(row.Id, 64);
        const subject = subjectOf(id, row);
        if (subject === null) continue;
        there.add(id);
        for (const name of namesOf(row))
          for (const pattern of plan.containers) if (fits(name, pattern)) matched.add(pattern);
        const value = stateOf(row);
        if (value.startsWith('exited') && !named.has(id)) {
          named.add(id);
          if (await ranOutOfMemory(engine, id)) outOfMemory.add(id);
        } else if (!value.startsWith('exited')) {
          named.delete(id);
          outOfMemory.delete(id);
        }
        const isUp = value.startsWith('running');
        if (/^running(?: \(healthy\))?$/.test(value)) count += 1;
        state(subject, `${value}${outOfMemory.has(id) ? ', out of memory' : ''}${isUp ? ends.suffix(id) : ''}`);
      }
      for (const [id, subject] of subjects) {
        if (there.has(id)) continue;
        state(subject, null);
        for (const set of [subjects, named, outOfMemory]) set.delete(id);
      }
      ready(count);
    },
    event(event) {
      if (event.type !== 'container' || !isMeant(event, plan, subjects)) return false;
      ends.event(event, subjects.get(event.id) ?? nameIn(event));
      return true;
    },
    lost: () => ends.forget(),
    end() {
      ends.settle(true);
      const missing = plan.containers.filter((pattern) => !matched.has(pattern));
      if (missing.length > 0)
        record({ what: 'unseen', detail: `a container called ${missing.join(', ')}: there was none` });
      if (plan.project !== null && apart === 0)
        record({ what: 'unseen', detail: `a container of the project ${plan.project}: there was none` });
    },
  };
}

async function rowsOf(engine: Engine, plan: WatchPlanOf<'docker'>): Promise<Json[]> {
  const given =
    plan.project === null
      ? { name: plan.containers.map((pattern) => `^/?${escaped(pattern)}`) }
      : { label: [`${PROJECT}=${plan.project}`] };
  const rows = listIn(await engine.ask(`/containers/json?all=1&filters=${filters(given)}`)).map(mapping);
  return rows.filter((row) => text(row.Id, 64) !== '' && isWanted(row, plan));
}

/** The engine takes a regular expression. */
function escaped(pattern: string): string {
  const name = pattern.replace(/\*$/, '').replace(/\./g, '\\.');
  return pattern.endsWith('*') ? name : `${name}$`;
}

function isWanted(row: Json, { project, containers }: WatchPlanOf<'docker'>): boolean {
  if (project !== null) return mapping(row.Labels)[PROJECT] === project;
  return namesOf(row).some((name) => containers.some((pattern) => fits(name, pattern)));
}

/** By its id where it is known: one that is renamed on its way out still counts. */
function isMeant(event: EngineEvent, plan: WatchPlanOf<'docker'>, subjects: ReadonlyMap<string, string>): boolean {
  if (subjects.has(event.id)) return true;
  if (plan.project !== null) return event.attributes[PROJECT] === plan.project;
  return plan.containers.some((pattern) => fits(nameIn(event), pattern));
}

function fits(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function nameIn({ attributes }: EngineEvent): string {
  return text(attributes.name, 128);
}

function namesOf(row: Json): string[] {
  return (list(row.Names) ?? []).slice(0, 20).map((name) => text(name, 128).replace(/^\//, ''));
}

function nameOf(row: Json): string {
  return namesOf(row)[0] ?? '';
}

/** `shop:v2`, with the version of its label where there is one. */
function imageOf(row: Json): string {
  const image = text(row.Image, 100).replace(/@sha256:.*$/, '');
  const version = text(mapping(row.Labels)['org.opencontainers.image.version'], 40);
  return version === '' || image.includes(version) ? image : `${image}, version ${version}`;
}

/** `running (healthy)`, `exited (137)`: what the engine says in `State` and, for people, in `Status`. */
function stateOf(row: Json): string {
  const [said, status] = [text(row.State, 20), text(row.Status, 200)];
  const health =
    text(mapping(row.Health).Status, 20) || /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(status)?.[1];
  if (said === 'running') return health === undefined || health === 'none' ? said : `${said} (${health})`;
  const code = /^(?:Exited|Restarting) \((-?\d+)\)/.exec(status)?.[1];
  return code === undefined ? said : `${said} (${code})`;
}

async function ranOutOfMemory(engine: Engine, id: string): Promise<boolean> {
  if (!/^[0-9a-f]{1,64}$/.test(id)) return false;
  return mapping(mapping(await engine.ask(`/containers/${id}/json`)).State).OOMKilled === true;
}
