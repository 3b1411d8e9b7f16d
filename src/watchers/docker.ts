import { messageOf } from '../model/errors.js';
import { connectEngine, type Engine, engineSocket } from '../platform/docker-engine.js';
import { createContainersReport } from './docker-containers.js';
import { createServiceReport } from './docker-service.js';
import { poll } from './poll.js';
import { createSight } from './sight.js';
import type { Watcher } from './watcher.js';

/** It is looked as often without any event, and this soon after one. */
const EVERY_MS = 500;
const AFTER_EVENT_MS = 50;
/** After an engine that was lost. */
const AGAIN_MS = 1000;

/**
 * Containers, or a service of Docker Swarm: state, health, ends, tasks, rollbacks. What changes is told by the engine's
 * events and looked up; it sees only while both work.
 */
export const docker: Watcher<'docker'> = {
  name: 'docker',
  async watch(plan, context) {
    const { clock, stopping, signal } = context;
    const sight = createSight(context);
    const report =
      plan.service === null ? createContainersReport(plan, context) : createServiceReport(plan.service, context);
    let engine: Engine | null = null;
    let ended: () => string | null = () => null;
    let nextAt = 0;
    const close = (): void => {
      engine?.close();
      engine = null;
    };
    try {
      await poll(context, AFTER_EVENT_MS, async () => {
        if (clock.now() < nextAt && !stopping.aborted) return;
        nextAt = clock.now() + EVERY_MS;
        try {
          if (engine === null) {
            engine = await connectEngine(engineSocket(plan.socket), clock, signal);
            ended = await engine.listen((event) => {
              if (report.event(event)) nextAt = 0;
            });
          }
          const why = ended();
          if (why !== null) throw new Error(why);
          await report.look(engine);
          sight.sees();
        } catch (error) {
          close();
          report.lost();
          nextAt = clock.now() + AGAIN_MS;
          sight.blind(messageOf(error));
        }
      });
      report.end();
    } finally {
      close();
    }
  },
};
