// Usage: rollback.mjs VERSION. Nothing is built, and the schema stays expanded: both releases run on it.
import './fail-plainly.mjs';
import { pointTo } from './release.mjs';

pointTo(process.argv[2]);
await import('./reload.mjs');
