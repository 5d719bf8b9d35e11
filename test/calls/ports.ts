import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Where a rig's parts listen, counted from its first port. */
const PARTS = [0, 1, 2, 3, 7, 10, 20, 30];
/** Held by whoever has the block: between two tests nobody listens on the others. */
const GUARD = 99;
const STEP = 100;
const TRIES = 60;

/** The first port of a block that is ours until this process ends: other test files run beside this one. */
export async function freePorts(from = 25_000): Promise<number> {
  const start = from + STEP * (process.pid % TRIES);
  for (let step = 0; step < TRIES; step++) {
    const first = start + STEP * step;
    if (!(await held(first + GUARD))) continue;
    const free = await Promise.all(PARTS.map(part => isFree(first + part)));
    if (free.every(Boolean)) return first;
  }
  throw new Error('No block of ports is free');
}

/** Takes a port until this process ends. False: somebody else has it. */
function held(port: number): Promise<boolean> {
  const server = createServer().unref();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
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
