import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { AmiClient } from '../../../src/agent/ami/client.ts';
import { type Dial, dial } from '../../../src/agent/ami/wire.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { endure } from './hostile.ts';
import { framed, guarded, plain } from './package-wire.ts';

/**
 * Our client over one way to the manager, as a process of its own: what it costs is its own alone, and one that hangs
 * can be ended. Does one thing and tells how it went; `BENCH_WIRE`, `BENCH_TASK`, `BENCH_PORT`.
 */
const WIRES: Readonly<Record<string, Dial>> = { own: dial, plain, guarded, framed };
const { BENCH_WIRE = '', BENCH_TASK = '', BENCH_PORT = '', BENCH_WHAT = '', BENCH_NUMBER = '0' } = process.env;
const number = Number(BENCH_NUMBER);

const TASKS: Readonly<Record<string, (client: AmiClient) => Promise<object>>> = {
  list: async client => {
    const rows = await client.list('PJSIPShowEndpoints', { Rows: BENCH_NUMBER }, 60_000);
    if (new Set(rows.map(row => row['ObjectName'])).size !== number) throw new Error(`${rows.length} rows`);
    return {};
  },
  events: async client => {
    const delays: number[] = [];
    const last = new Promise<void>(resolve =>
      client.onEvent(({ Event, Due }) => {
        if (Event === 'Newchannel') delays.push(performance.timeOrigin + performance.now() - Number(Due));
        if (Event === 'Last') resolve();
      }),
    );
    await client.action('Events', { Rate: '1000', Seconds: BENCH_NUMBER });
    await last;
    return { delays };
  },
  cut: async client => {
    const told = await client.list('PJSIPShowEndpoints', { Rows: '5000', Cut: '2500' }, 60_000).then(
      rows => `a list of ${rows.length}`,
      (error: Error) => error.message,
    );
    if (told !== 'Asterisk closed the manager connection') throw new Error(told);
    await client.closed;
    return {};
  },
  answer: async client => {
    const { Output = '' } = await client.action('Command', { Mebibytes: BENCH_NUMBER }, 600_000);
    if (Output.length < number * 0.8 * 1024 ** 2) throw new Error(`${Output.length} characters`);
    return {};
  },
  silence: async client => {
    const told = await client.list('Silence', {}, 500).catch((error: Error) => error.message);
    if (!String(told).includes('did not answer')) throw new Error(String(told));
    client.close();
    await client.closed;
    return {};
  },
  lines: async client => {
    await client.action('Ping', { Value: 'x\r\n\r\nAction: Logoff\r\nX: 1' });
    return {};
  },
  hostile: async client => {
    await endure(client, BENCH_WHAT);
    return {};
  },
  // a stranger writes into a real Asterisk meanwhile
  stranger: async client => {
    process.send?.('ready');
    await once(process, 'message');
    const answer = await client.action('Ping', {}, 3_000);
    if (answer['Ping'] !== 'Pong' || !client.open) throw new Error(JSON.stringify(answer));
    return {};
  },
};

const address = { port: Number(BENCH_PORT), username: 'facts', secret: 'loopback-only' };
const client = await AmiClient.connect(address, systemClock, WIRES[BENCH_WIRE]);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const cpu = process.cpuUsage();
const begun = performance.now();
const outcome = await TASKS[BENCH_TASK]?.(client).catch((error: Error) => ({ error: error.message }));
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpu);
const peak = process.resourceUsage().maxRSS * 1024;
process.send?.({ ...outcome, ms, cpuMs: (user + system) / 1_000, peak, blockedMs: delay.max / 1e6 }, () =>
  process.exit(),
);
