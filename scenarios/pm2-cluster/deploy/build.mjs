// Usage: build.mjs VERSION
import './fail-plainly.mjs';
import { buildRelease } from './release.mjs';

const version = process.argv[2];
console.log(`built ${buildRelease(version)}`);
