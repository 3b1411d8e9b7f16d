import { type EngineEvent, filters, listIn } from '../platform/docker-engine.js';
import { type Json, mapping, text, whole } from '../platform/docker-json.js';
import { createEnds } from './docker-ends.js';
import { countReady, type EngineReport } from './docker-report.js';
import { createRollbacks } from './docker-rollbacks.js';
import { createStates } from './states.js';
import type { WatchContext } from './watcher.js';

/** Tasks that are looked at, the newest ones, and those that are told apart in a run. */
const LOOKED_AT = 100;
const TOLD_APART = 1000;
const OVER: readonly string[] = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];
const FAILED: readonly string[] = ['failed', 'rejected'];

/** The tasks of a Swarm service, its update, and rollbacks; from a manager. */
export function createServiceReport(service: string, context: WatchContext): EngineReport {
  const { record } = context;
  const state = createStates(context);
  // What becomes of a task Swarm says itself, of every node.
  const ends = createEnds(context, false);
  const ready = countReady(context);
  const rollbacks = createRollbacks(service, context);
  const tasks = createTasks(context);
  let wasThere = false;
  let hasMore = false;

  return {
    async look(engine) {
      const found = await engine.ask(`/services/${encodeURIComponent(service)}`);
      if (found === null) {
        state(service, null);
        ready(0);
        return;
      }
      wasThere = true;
      const { ID, Spec, UpdateStatus } = mapping(found);
      const image = imageIn(mapping(Spec).TaskTemplate);
      const update = mapping(UpdateStatus);
      state(service, image === '' ? 'there' : image);
      state(`${service} update`, text(update.State, 40) || 'none');
      rollbacks(update, image);
      const id = text(ID, 64);
      const rows = listIn((await engine.ask(`/tasks?filters=${filters({ service: [id] })}`)) ?? [])
        .map(mapping)
        .filter((task) => text(task.ID, 64) !== '' && (task.ServiceID ?? id) === id)
        .sort((a, b) => (text(a.CreatedAt, 40) < text(b.CreatedAt, 40) ? 1 : -1));
      if (rows.length > LOOKED_AT && !hasMore) record({ what: 'unseen', detail: `more than ${LOOKED_AT} tasks` });
      hasMore ||= rows.length > LOOKED_AT;
      ready(tasks.see(service, rows.slice(0, LOOKED_AT), ends.suffix));
    },
    event(event) {
      if (event.type === 'service') return event.attributes.name === service || event.id === service;
      if (event.attributes['com.docker.swarm.service.name'] !== service) return false;
      const { task, name } = taskIn(event);
      ends.event(event, tasks.subject(task) ?? name);
      return true;
    },
    lost: () => ends.forget(),
    end() {
      if (!wasThere) record({ what: 'unseen', detail: `a service called ${service}: there was none` });
    },
  };
}

/** Tells of the tasks; those that were over before the first look are of no interest. */
function createTasks({ record }: WatchContext) {
  const state = createStates({ record });
  const subjects = new Map<string, string | null>();
  const failed = new Set<string>();
  let isFirst = true;

  const subjectOf = (id: string, service: string, task: Json, isOver: boolean): string | null => {
    const known = subjects.get(id);
    if (known !== undefined) return known;
    if (subjects.size >= TOLD_APART) return null;
    const subject = isFirst && isOver ? null : `${nameOf(service, id, task)} (${imageIn(task.Spec)})`;
    subjects.set(id, subject);
    return subject;
  };

  return {
    subject: (id: string): string | null => subjects.get(id) ?? null,
    /** Returns how many are running, and healthy where that is checked. */
    see(service: string, rows: readonly Json[], suffix: (container: string) => string): number {
      let count = 0;
      const there = new Set<string>();
      for (const task of rows) {
        const id = text(task.ID, 64);
        const status = mapping(task.Status);
        const container = mapping(status.ContainerStatus);
        const said = text(status.State, 20);
        there.add(id);
        if (said === 'running') count += 1;
        const subject = subjectOf(id, service, task, OVER.includes(said));
        if (subject === null) continue;
        const exitCode = OVER.includes(said) ? whole(container.ExitCode) : null;
        const leaving = said === 'running' && OVER.includes(text(task.DesiredState, 20)) ? ', to end' : '';
        const sent = said === 'running' ? suffix(text(container.ContainerID, 64)) : '';
        state(subject, `${said}${exitCode === null ? '' : ` (${exitCode})`}${sent === '' ? leaving : sent}`);
        // One that its health check gave up may be complete, and say so there alone.
        const why = OVER.includes(said) ? text(status.Err, 300) : '';
        if ((why === '' && !FAILED.includes(said)) || failed.has(id)) continue;
        failed.add(id);
        record({
          what: 'incident',
          subject,
          detail: `${subject} ${said}: ${why || 'no reason given'}`,
        });
      }
      for (const [id, subject] of subjects) {
        if (subject === null || there.has(id)) continue;
        state(subject, null);
        subjects.set(id, null);
      }
      isFirst = false;
      return count;
    },
  };
}

/** `web.1 5k2v0c8q1x7z`: the number of the replica, or the node of a global service, and the task. */
function nameOf(service: string, id: string, task: Json): string {
  const place = whole(task.Slot) ?? text(task.NodeID, 12);
  return `${service}.${place} ${id.slice(0, 12)}`;
}

/** The task that a container belongs to, and what it is called where it was not seen yet. */
function taskIn({ attributes }: EngineEvent): { task: string; name: string } {
  const task = text(attributes['com.docker.swarm.task.id'], 64);
  return { task, name: text(attributes['com.docker.swarm.task.name'], 128) || `task ${task.slice(0, 12)}` };
}

/** Swarm adds the digest to a name that it looked up. */
function imageIn(template: unknown): string {
  return text(mapping(mapping(template).ContainerSpec).Image, 100).replace(/@sha256:.*$/, '');
}
