// Usage: switch.mjs VERSION
import './fail-plainly.mjs';
import { pointTo } from './release.mjs';

pointTo(process.argv[2]);
