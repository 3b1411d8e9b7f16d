import { SURFACE_SCRIPT } from './client/chart-surface.js';
import { FAILED_REQUESTS_SCRIPT } from './client/failed-requests-table.js';
import { PRINT_SCRIPT } from './client/print.js';
import { AXES_SCRIPT } from './client/time-axes.js';
import { TIMELINE_SCRIPT } from './client/timeline-chart.js';
import { WINDOW_SCRIPT } from './client/view-window.js';

/**
 * What runs in the reader's browser, in this order. Plain scripts of their own (no module, no import), readable as they
 * are shipped. They add to the page and never carry a fact alone.
 */
export const CLIENT_SCRIPTS: readonly string[] = [
  WINDOW_SCRIPT,
  SURFACE_SCRIPT,
  TIMELINE_SCRIPT,
  AXES_SCRIPT,
  FAILED_REQUESTS_SCRIPT,
  PRINT_SCRIPT,
];
