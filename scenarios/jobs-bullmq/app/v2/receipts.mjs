// What is in a job, and what a worker does with it: amounts are cents, and those of the release before are understood.
import { setTimeout as delay } from 'node:timers/promises';

export function payload(cents) {
  return { amountCents: cents, currency: 'EUR' };
}

export async function send({ amount, amountCents = Math.round(amount * 100), currency = 'EUR' }) {
  await delay(300); // the mail server
  return `paid ${amountCents} ${currency} cents`;
}
