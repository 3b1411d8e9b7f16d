import './fail-plainly.mjs';
import { mistake } from './layout.mjs';
import { reloadCluster, restartCluster } from './pm2.mjs';

if (mistake === 'restart') restartCluster();
else reloadCluster();
