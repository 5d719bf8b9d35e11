import { createSocket } from 'node:dgram';
import { systemClock } from '../../src/runtime/clock.ts';
import type { SipMessage } from './sip.ts';

/** 20 ms of A-law. */
const SAMPLES = 160;
const PACKET_MS = 20;
const VOICE = 8;
/** telephone-event of RFC 4733, by the number that `SipClient` offers. */
const KEYS = 101;
const POUND = 11;

/**
 * Speaks to where an answer says that media goes, until the signal is aborted. `skipAfterMs`: so long after the beginning
 * it presses `#`, once, as somebody who does not want to hear a greeting.
 */
export async function speak(answer: SipMessage, signal: AbortSignal, skipAfterMs = Number.POSITIVE_INFINITY) {
  const port = Number(/^m=audio (\d+)/m.exec(answer.body)?.[1] ?? 0);
  const socket = createSocket('udp4');
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.4', resolve));
  const begun = systemClock.monotonic();
  let sequence = 0;
  const send = (type: number, timestamp: number, payload: Buffer): void => {
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0x8000 | type, 0);
    head.writeUInt16BE(sequence++ & 0xffff, 2);
    head.writeUInt32BE(timestamp, 4);
    head.writeUInt32BE(0x52464c54, 8);
    socket.send(Buffer.concat([head, payload]), port, '127.0.0.1');
  };
  const press = (timestamp: number): void => {
    for (const [end, duration] of [
      [0, 400],
      [0, 800],
      [0x80, 1200],
      [0x80, 1200],
      [0x80, 1200],
    ] as const)
      send(KEYS, timestamp, Buffer.from([POUND, end | 10, duration >> 8, duration & 0xff]));
  };
  const silence = 0xd5;
  const click = 0x2a;
  const voice = Buffer.from(Array.from({ length: SAMPLES }, (_, at) => (at % 8 === 0 ? click : silence)));
  for (let packet = 0, pressed = false; !signal.aborted; packet++) {
    if (!pressed && packet * PACKET_MS >= skipAfterMs) {
      press(packet * SAMPLES);
      pressed = true;
    }
    send(VOICE, packet * SAMPLES, voice);
    await systemClock.sleep(Math.max(0, begun + (packet + 1) * PACKET_MS - systemClock.monotonic()));
  }
  await new Promise<void>(resolve => socket.close(() => resolve()));
}
