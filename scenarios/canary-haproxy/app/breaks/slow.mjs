// Orders take three times as long: the payment is asked three times. Nothing fails.
import { setTimeout as delay } from 'node:timers/promises';

export async function answer(request) {
  if (request.method === 'POST') await delay(200);
  return null;
}
