// Usage: verify.mjs VERSION | /PATTERN/
import './fail-plainly.mjs';
import { smoke } from './smoke.mjs';

await smoke(process.argv[2]);
console.log(`the shop answers as ${process.argv[2]}`);
