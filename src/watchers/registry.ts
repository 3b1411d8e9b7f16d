import type { WatcherName } from '../model/watch.js';
import { docker } from './docker.js';
import { haproxy } from './haproxy.js';
import { journal } from './journal.js';
import { kubernetes } from './kubernetes.js';
import { link } from './link.js';
import { log } from './log.js';
import { metric } from './metric.js';
import { postgres } from './postgres.js';
import { processes } from './processes.js';
import { queue } from './queue.js';
import { resources } from './resources.js';
import { sockets } from './sockets.js';
import { systemd } from './systemd.js';
import type { Watcher } from './watcher.js';

/** Every watcher, one line each. */
export const REGISTRY: { [Name in WatcherName]: Watcher<Name> } = {
  link,
  processes,
  log,
  sockets,
  systemd,
  journal,
  haproxy,
  docker,
  kubernetes,
  metric,
  queue,
  postgres,
  resources,
};
