import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Where a rig's parts listen, counted from its first port. */
const PARTS = [0, 1, 2, 3, 7, 10, 20, 30];
const STEP = 100;
const TRIES = 60;

/** The first port of a block that nobody uses: another run of the same tests may be going on beside this one. */
export async function freePorts(): Promise<number> {
  const start = 25_000 + STEP * (process.pid % TRIES);
  for (let step = 0; step < TRIES; step++) {
    const first = start + STEP * step;
    const free = await Promise.all(PARTS.map(part => isFree(first + part)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('No block of ports is free');
}

async function isFree(port: number): Promise<boolean> {
  return (await udpIsFree(port)) && (await tcpIsFree(port));
}

/** On all addresses: whoever has it on one of 127.0.0.0/8 is in the way too. */
function udpIsFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise(resolve => {
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind({ port, address: '0.0.0.0', exclusive: true }, () => socket.close(() => resolve(true)));
  });
}

function tcpIsFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
