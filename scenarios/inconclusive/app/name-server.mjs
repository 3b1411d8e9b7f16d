// A name server: every name is 127.0.0.1, as long as the file that is named on the command line says `ok`. Otherwise
// it is silent.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';

const [, , file] = process.argv;
const typeA = 1;

const socket = createSocket('udp4');
socket.on('message', (question, { port, address }) => {
  const says = readFileSync(file, 'utf8').trim();
  console.log(`asked: ${says}`);
  if (says === 'ok') socket.send(answer(question), port, address);
});
socket.bind(53, '127.0.0.1', () => console.log('listening'));

// The question comes back; the name in the answer points to the one in the question.
function answer(question) {
  const nameEnds = question.indexOf(0, 12) + 1;
  const asked = question.subarray(12, nameEnds + 4);
  const isAddress = question.readUInt16BE(nameEnds) === typeA;
  const record = Buffer.from([0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4, 127, 0, 0, 1]);
  const head = Buffer.from([...question.subarray(0, 2), 0x81, 0x80, 0, 1, 0, isAddress ? 1 : 0, 0, 0, 0, 0]);
  return Buffer.concat([head, asked, isAddress ? record : Buffer.alloc(0)]);
}
