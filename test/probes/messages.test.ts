import { expect, test } from 'vitest';
import { messagesOf } from '../../src/probes/messages.js';

const TIMEOUT = 1000;
const OUTAGE = 5000;

test('gives a message up that is not echoed in time on an open connection', () => {
  const messages = messagesOf(TIMEOUT, OUTAGE);
  const message = messages.add(0)!;
  messages.sent(message, 10);
  expect(messages.overdue(1009)).toEqual([]);
  expect(messages.overdue(1010)).toEqual([message]);
  expect(messages.open).toBe(0);
});

test('lets a message wait for a connection as long as an outage may last, then gives it the whole time-out', () => {
  const messages = messagesOf(TIMEOUT, OUTAGE);
  const message = messages.add(0)!;
  messages.sent(message, 0);
  messages.interrupted(100);
  expect(messages.overdue(5099)).toEqual([]);
  messages.sent(messages.waiting()[0]!, 5099);
  expect(message.sends).toBe(2);
  expect(messages.overdue(6098)).toEqual([]);
  expect(messages.overdue(6099)).toEqual([message]);
});

test('gives a message up that every new connection loses again', () => {
  const messages = messagesOf(TIMEOUT, OUTAGE);
  messages.sent(messages.add(0)!, 0);
  for (let at = 100; at < 5100; at += 500) {
    messages.interrupted(at);
    expect(messages.overdue(at)).toEqual([]);
    messages.sent(messages.waiting()[0]!, at + 400);
  }
  messages.interrupted(5100);
  expect(messages.overdue(5100)).toHaveLength(1);
});

test('tells a first echo from a second one, a late one and one of no message', () => {
  const messages = messagesOf(TIMEOUT, OUTAGE);
  messages.sent(messages.add(0)!, 0);
  messages.sent(messages.add(500)!, 500);
  expect(messages.echoed(1)).toBe('first');
  expect(messages.echoed(1)).toBe('again');
  expect(messages.overdue(1000)).toHaveLength(1);
  expect(messages.echoed(0)).toBe('late');
  expect(messages.echoed(2)).toBe('unknown');
});

test('holds at most a thousand messages that wait', () => {
  const messages = messagesOf(TIMEOUT, OUTAGE);
  for (let index = 0; index < 1000; index += 1) expect(messages.add(index)).not.toBeNull();
  expect(messages.add(1000)).toBeNull();
  expect(messages.rest()).toHaveLength(1000);
  expect(messages.add(1001)).not.toBeNull();
});
