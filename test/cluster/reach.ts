import { until } from '../../src/runtime/clock.ts';
import { execIn, type Pod } from './pods.ts';

/** What can be reached from a pod, asked from inside it. */
export interface Target {
  readonly protocol: 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
}

export const tcp = (host: string, port: number): Target => ({ protocol: 'tcp', host, port });
export const udp = (host: string, port: number): Target => ({ protocol: 'udp', host, port });

/** TCP: whether it connects. UDP: whether anything comes back; asked again, since a packet may be lost. */
const PROBE = `
const open = {
  tcp: (host, port) => new Promise(done => {
    const socket = require('net').connect({ host, port, timeout: 3000 });
    const end = answer => { socket.destroy(); done(answer); };
    socket.once('connect', () => end(true)).once('error', () => end(false)).once('timeout', () => end(false));
  }),
  udp: (host, port) => new Promise(done => {
    const socket = require('dgram').createSocket('udp4');
    const end = answer => { clearInterval(again); clearTimeout(late); socket.close(); done(answer); };
    const again = setInterval(() => socket.send('?', port, host), 200);
    const late = setTimeout(() => end(false), 2000);
    socket.once('message', () => end(true)).on('error', () => undefined);
  }),
};
const targets = JSON.parse(process.argv[1]);
Promise.all(targets.map(one => open[one.protocol](one.host, one.port))).then(all => console.log(JSON.stringify(all)));
`;

/** For each target whether it is open to the pod. */
async function reached(from: Pod, targets: readonly Target[]): Promise<string[]> {
  const answers: boolean[] = JSON.parse(await execIn(from, ['node', '-e', PROBE, JSON.stringify(targets)]));
  return targets.map(
    ({ protocol, host, port }, index) => `${protocol}:${host}:${port} ${answers[index] ? 'open' : 'shut'}`,
  );
}

/** Of one question, so that what is open shows that what is shut is not so for want of a network. */
export async function reaches(from: Pod, { open, shut }: { open: readonly Target[]; shut: readonly Target[] }) {
  const name = ({ protocol, host, port }: Target): string => `${protocol}:${host}:${port}`;
  const wanted = [...open.map(one => `${name(one)} open`), ...shut.map(one => `${name(one)} shut`)];
  let last: string[] = [];
  // a policy is enforced some moments after the pod is there
  await until(
    `${from.namespace}/${from.name} to reach what it may`,
    async () => {
      last = await reached(from, [...open, ...shut]);
      return last.join() === wanted.join() || undefined;
    },
    { deadlineMs: 30_000, everyMs: 500 },
  ).catch((cause: unknown) => {
    const wrong = last.filter((line, index) => line !== wanted[index]);
    throw new Error(`${(cause as Error).message}; otherwise than wanted: ${wrong.join(', ')}`, { cause });
  });
}

/** Echoes in a pod, on every address of it, until it goes. */
const LISTENER = `
for (const port of JSON.parse(process.argv[1])) {
  const echo = require('dgram').createSocket('udp4');
  echo.on('message', (text, { port, address }) => echo.send(text, port, address)).bind(port);
  require('net').createServer(socket => socket.on('error', () => undefined).end()).listen(port, '0.0.0.0');
}
setTimeout(() => process.exit(), 300_000);
`;

/** Starts it as a process of its own in the container, since what `kubectl exec` runs ends with it. */
export async function listenIn(pod: Pod, ports: readonly number[]): Promise<void> {
  const start = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(LISTENER)}, process.argv[1]],
    { detached: true, stdio: 'ignore' }).unref()`;
  await execIn(pod, ['node', '-e', start, JSON.stringify(ports)]);
  const itself = ports.flatMap(port => [tcp('127.0.0.1', port), udp('127.0.0.1', port)]);
  await reaches(pod, { open: itself, shut: [] });
}
