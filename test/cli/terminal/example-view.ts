import type { LiveView } from '../../../src/model/live.js';

/** A run in the middle of a reload that resets connections. */
export function exampleView(): LiveView {
  return {
    scenario: 'gunicorn-nginx-symlink',
    target: 'staging.shop.example',
    elapsedMs: 151_000,
    expectedMs: 300_000,
    ratePerSec: 200,
    latenessMs: 1,
    steps: [
      { name: 'baseline', state: 'ok', ms: 30_000 },
      { name: 'build', state: 'ok', ms: 99_000 },
      { name: 'migrate', state: 'ok', ms: 18_000 },
      { name: 'switch', state: 'ok', ms: 100 },
      { name: 'reload', state: 'running', ms: 3400 },
      { name: 'rollback', state: 'waiting', ms: 0 },
    ],
    activity: 'ready 7/20',
    counts: {
      requests: 30_214,
      ok: 30_183,
      failed: 31,
      retryable: 0,
      blocked: 0,
      unsent: 0,
      probeFaults: 0,
      byError: { reset: 12, refused: 0, timeout: 0, 'unexpected-status': 19 },
    },
    failuresPerSecond: [0, 0, 0, 2, 12, 14],
    p99PerSecond: [30, 32, 31, 120, 500, 812],
    p99LimitMs: 500,
    onInterrupt: 'roll back',
    lastFailure: '02:27.4 reset POST /api/checkout (reload +0.3s)',
  };
}
