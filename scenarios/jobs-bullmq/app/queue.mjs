// The same in every release: where jobs wait, and how soon a job whose worker died goes to another one.
import { Redis } from 'ioredis';

export const name = 'receipts';
export const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
export const workerSettings = { concurrency: 4, lockDuration: 1_500, stalledInterval: 1_000, maxStalledCount: 2 };
