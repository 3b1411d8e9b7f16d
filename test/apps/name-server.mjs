#!/usr/bin/env node
/**
 * A DNS server for one name's worth of answers: every name is 127.0.0.1. What it does with a question is read from a
 * file each time: `ok`, `servfail`, `nxdomain` or `silent`. Listens on port 53 of 127.0.0.1 and ends when stdin closes.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const [, , file = ''] = process.argv;
const TYPE_A = 1;
/** @type {Record<string, number>} */
const CODES = { ok: 0, servfail: 2, nxdomain: 3 };

const socket = createSocket('udp4');
socket.on('message', (question, from) => {
  const code = CODES[readFileSync(file, 'utf8').trim()];
  if (code !== undefined) socket.send(answerTo(question, code), from.port, from.address);
});
socket.bind(53, '127.0.0.1', () => process.stdout.write('ready\n'));
process.stdin.resume();
process.stdin.on('close', () => process.exit(0));

/** @param {Buffer} question @param {number} code */
function answerTo(question, code) {
  const endOfName = question.indexOf(0, 12) + 1;
  const asked = question.subarray(12, endOfName + 4);
  const isA = question.readUInt16BE(endOfName) === TYPE_A;
  const address =
    code === 0 && isA ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]) : Buffer.alloc(0);
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(address.length === 0 ? 0 : 1, 6);
  return Buffer.concat([head, asked, address]);
}
