import { apiBreak } from './api-break.js';
import { assetSkew } from './asset-skew.js';
import { brokenRelease } from './broken-release.js';
import { cachedPlan } from './cached-plan.js';
import type { Cause } from './cause.js';
import { checksRemoveHealthy } from './checks-remove-healthy.js';
import { coldStart } from './cold-start.js';
import { contractTooEarly } from './contract-too-early.js';
import { emptyRotation } from './empty-rotation.js';
import { eventsLost } from './events-lost.js';
import { executedTwice } from './executed-twice.js';
import { faultyVersion } from './faulty-version.js';
import { featureBroken } from './feature-broken.js';
import { goaway } from './goaway.js';
import { gthreadReload } from './gthread-reload.js';
import { haproxyHardStop } from './haproxy-hard-stop.js';
import { haproxyReloadClosesIdle } from './haproxy-reload-closes-idle.js';
import { idleClosedUnderRequests } from './idle-closed-under-requests.js';
import { inFlightCut } from './in-flight-cut.js';
import { killedAfterGrace } from './killed-after-grace.js';
import { linkGap } from './link-gap.js';
import { listenerQueueLost } from './listener-queue-lost.js';
import { lockQueue } from './lock-queue.js';
import { maxFailsCascade } from './max-fails-cascade.js';
import { mixedVersions } from './mixed-versions.js';
import { nginxReloadClosesIdle } from './nginx-reload-closes-idle.js';
import { noRoom } from './no-room.js';
import { notReady } from './not-ready.js';
import { pm2ListenTimeout } from './pm2-listen-timeout.js';
import { pm2NoDrain } from './pm2-no-drain.js';
import { releaseRemoved } from './release-removed.js';
import { sessionLost } from './session-lost.js';
import { sharedResourceLocked } from './shared-resource-locked.js';
import { sharedStateInRelease } from './shared-state-in-release.js';
import { sidecarReset } from './sidecar-reset.js';
import { signalNotForwarded } from './signal-not-forwarded.js';
import { slowBootOnReload } from './slow-boot-on-reload.js';
import { socketRemoved } from './socket-removed.js';
import { staleUpstream } from './stale-upstream.js';
import { stopStart } from './stop-start.js';
import { stopStartBehindProxy } from './stop-start-behind-proxy.js';
import { stoppedInRotation } from './stopped-in-rotation.js';
import { streamsCut } from './streams-cut.js';
import { truncatedAnswer } from './truncated-answer.js';
import { uploadDamaged } from './upload-damaged.js';
import { upstreamIdleClose } from './upstream-idle-close.js';
import { upstreamKeepaliveRace } from './upstream-keepalive-race.js';
import { writeLock } from './write-lock.js';
import { writeLost } from './write-lost.js';

/** One file a cause, one line here; by their numbers in the list of failure modes, then those without one. */
export const CAUSES: readonly Cause[] = [
  stopStart,
  stopStartBehindProxy,
  nginxReloadClosesIdle,
  haproxyReloadClosesIdle,
  haproxyHardStop,
  listenerQueueLost,
  upstreamKeepaliveRace,
  upstreamIdleClose,
  killedAfterGrace,
  signalNotForwarded,
  inFlightCut,
  truncatedAnswer,
  maxFailsCascade,
  staleUpstream,
  stoppedInRotation,
  notReady,
  pm2ListenTimeout,
  pm2NoDrain,
  gthreadReload,
  slowBootOnReload,
  brokenRelease,
  releaseRemoved,
  mixedVersions,
  eventsLost,
  streamsCut,
  goaway,
  lockQueue,
  writeLock,
  contractTooEarly,
  cachedPlan,
  assetSkew,
  coldStart,
  sidecarReset,
  executedTwice,
  apiBreak,
  checksRemoveHealthy,
  emptyRotation,
  faultyVersion,
  featureBroken,
  idleClosedUnderRequests,
  linkGap,
  noRoom,
  sessionLost,
  sharedResourceLocked,
  sharedStateInRelease,
  socketRemoved,
  uploadDamaged,
  writeLost,
];
