// What is in a job, and what a worker does with it: amounts are numbers.
import { setTimeout as delay } from 'node:timers/promises';

export function payload(cents) {
  return { amount: cents / 100 };
}

export async function send({ amount }) {
  await delay(300); // the mail server
  return `paid ${amount.toFixed(2)}`;
}
