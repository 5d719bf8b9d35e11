import { Worker } from 'node:worker_threads';
import { systemClock } from '../../src/runtime/clock.ts';
import { freePorts } from '../calls/ports.ts';
import { SipClient } from '../calls/sip.ts';
import type { Flooded } from './flooder.ts';
import { CARRIER, FLOODS, type Flood, type Scene } from './floods.ts';
import { ASKS, type Ask, HonestPhones, PHASES } from './honest-phones.ts';
import { megabytes, percentile, type Row } from './table.ts';
import { Tenant, type TenantUse, type Use } from './tenant.ts';

/**
 * What honest phones notice of a flood, and what it leaves behind. RINGFLEET_FLOOD names one of them (a part of its name
 * does), RINGFLEET_FLOOD_LATER_SECONDS looks once more so long after those that a timer ends: 65 is after the minute of a
 * subscription.
 */
const ONLY = process.env['RINGFLEET_FLOOD'] ?? '';
const LATER_SECONDS = Number(process.env['RINGFLEET_FLOOD_LATER_SECONDS'] ?? 0);
/** `up` has its manager ten thousand higher, which should be below what the system gives to connections. */
const FIRST_PORT = 8_000;
const BEFORE_MS = 4_000;
const AFTER_MS = 6_000;
const LOOK_MS = 500;
/** Calls at a time that the tenant may have. */
const CALLS = 5;
const COLLEAGUES = 20;
/** After the flood there may be so much more than before. */
const MORE_MEMORY = 1.5;
const MORE_HANDLES = 20;

const PASSWORDS = ['caller', 'callee', 'walker', 'other', 'flooder'] as const;
const EXTENSION = { caller: '1001', callee: '1002', walker: '1003', other: '1004', flooder: '1005' } as const;

const identity = (name: (typeof PASSWORDS)[number]) => ({
  username: `acme_${EXTENSION[name]}`,
  password: `password-of-${name}`,
});

function manifests(port: number): Record<string, unknown>[] {
  const object = (kind: string, name: string, spec: Record<string, unknown>) => ({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind,
    metadata: { name },
    spec,
  });
  const user = (name: string, extension: string, spec: Record<string, unknown> = {}) =>
    object('SipUser', name, { fullName: name, extension, ...spec });
  const passwords = Object.fromEntries(PASSWORDS.map(name => [name, identity(name).password]));
  const organization = { sipDomain: 'acme.example', location: { country: 'IN' }, limits: { concurrentCalls: CALLS } };
  const servers = [{ name: 'a', host: CARRIER, port: port + 30 }];
  const destination = { user: { name: 'callee' } };
  return [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'phones' }, stringData: passwords },
    object('Organization', 'acme', organization),
    object('Trunk', 'carrier', { servers, health: { optionsSeconds: 0 } }),
    object('PhoneNumber', 'main', { number: '+914412345678', destination }),
    ...PASSWORDS.map(name =>
      user(name, EXTENSION[name], {
        sip: { passwordSecretRef: { name: 'phones', key: name }, maxContacts: 1, qualifySeconds: 0 },
      }),
    ),
    ...Array.from({ length: COLLEAGUES }, (_, i) => user(`colleague-${i}`, String(1100 + i))),
  ];
}

function sceneOf(port: number): Scene {
  const extensions = Array.from({ length: COLLEAGUES }, (_, i) => String(1100 + i));
  const usernames = extensions.map(extension => `acme_${extension}`);
  return { server: '127.0.0.1', port, phone: identity('flooder'), usernames, extensions };
}

export async function floodRows(say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const flood of FLOODS.filter(({ name }) => name.includes(ONLY))) {
    const row = await measure(flood);
    say(`${row.what}: ${row.measured}`);
    rows.push(row);
  }
  return rows;
}

async function measure(flood: Flood): Promise<Row> {
  const port = await freePorts(FIRST_PORT);
  const carrier = await SipClient.open(port, CARRIER, port + 30);
  carrier.reply = () => ({ code: 200, sdp: true });
  const tenant = await Tenant.start(port, manifests(port));
  const stop = new AbortController();
  try {
    const [caller, callee, walker, other] = [
      identity('caller'),
      identity('callee'),
      identity('walker'),
      identity('other'),
    ];
    const phones = await HonestPhones.open(port, { caller, callee, walker, other });
    const running = phones.run(stop.signal);
    await systemClock.sleep(BEFORE_MS);
    const uses = [await tenant.use()];
    const hangUp = flood.full && (await phones.hold(CALLS));
    phones.phase = 'during';
    const [flooded, most] = await Promise.all([sent(flood, sceneOf(port), stop.signal), peak(tenant, flood.seconds)]);
    await hangUp?.();
    phones.phase = 'after';
    await systemClock.sleep(AFTER_MS);
    uses.push(most, await tenant.use());
    if (LATER_SECONDS > 0 && flood.lingers) {
      await systemClock.sleep(LATER_SECONDS * 1_000);
      uses.push(await tenant.use());
    }
    stop.abort();
    await running;
    await phones.close();
    return rowOf(flood, flooded, phones, uses);
  } finally {
    stop.abort();
    await tenant.stop();
    await carrier.close();
  }
}

function sent({ name }: Flood, scene: Scene, signal: AbortSignal): Promise<Flooded> {
  const worker = new Worker(new URL('./flooder.ts', import.meta.url), { workerData: { name, scene } });
  signal.addEventListener('abort', () => worker.terminate(), { once: true });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', code => reject(new Error(`The sender ended with ${code} and told nothing`)));
  });
}

/** The most of each while it lasts. */
async function peak(tenant: Tenant, seconds: number): Promise<TenantUse> {
  let most = await tenant.use();
  for (let ms = 0; ms < seconds * 1_000; ms += LOOK_MS) {
    await systemClock.sleep(LOOK_MS);
    const now = await tenant.use();
    most = { agent: greater(most.agent, now.agent), asterisk: greater(most.asterisk, now.asterisk) };
  }
  return most;
}

function greater(one: Use, other: Use): Use {
  return { rss: Math.max(one.rss, other.rss), handles: Math.max(one.handles, other.handles) };
}

function rowOf(flood: Flood, flooded: Flooded, phones: HonestPhones, uses: readonly TenantUse[]): Row {
  const asks = ASKS.map(ask => servedOf(ask, phones));
  const parts = (['asterisk', 'agent'] as const).map(part => usedOf(part, uses));
  const must = asks.filter(({ ask }) => !(flood.full && ask === 'call'));
  const answers = Object.entries(flooded.answers).map(([what, times]) => `${what} × ${times}`);
  const rate = `${Math.round(flooded.sent / flooded.seconds)}/s for ${flooded.seconds.toFixed(1)} s`;
  return {
    section: 'floods',
    what: `${flood.name}, ${flood.perSecond}/s`,
    goal: `${flood.full ? 'all but calls' : 'all'} served; afterwards ≤ ${MORE_MEMORY} × the memory, ≤ ${MORE_HANDLES} more handles`,
    measured: [
      `${flooded.sent} (${rate}; ${answers.join(', ') || 'no answer'})`,
      ...asks.map(({ text }) => text),
      ...parts.map(({ text }) => text),
    ].join('; '),
    met: must.every(({ shares }) => shares.every(share => share === 1)) && parts.every(({ isBack }) => isBack),
    numbers: Object.assign(
      { sent: flooded.sent, seconds: flooded.seconds },
      ...[...asks, ...parts].map(one => one.numbers),
    ),
  };
}

interface StatusUpdate {
  readonly text: string;
  readonly numbers: Record<string, number>;
}

function servedOf(ask: Ask, phones: HonestPhones): StatusUpdate & { ask: Ask; shares: number[] } {
  const all = PHASES.map(phase => phones.served(ask, phase));
  const shares = all.map(({ asked, served }) => served / asked);
  const slowest = percentile(all[1]?.times ?? [], 0.95);
  const numbers = Object.fromEntries([
    ...PHASES.map((phase, i) => [`${ask} ${phase}`, shares[i] ?? 0]),
    ...(Number.isNaN(slowest) ? [] : [[`${ask} p95`, slowest]]),
  ]);
  const refusals = all.flatMap(({ refusals: codes }) => Object.entries(codes).map(([code, n]) => `${code} × ${n}`));
  const more = [...(Number.isNaN(slowest) ? [] : [`p95 ${Math.round(slowest)} ms`]), ...refusals].join(', ');
  return { ask, shares, numbers, text: `${ask} ${shares.map(share => Math.round(share * 100)).join('/')} % (${more})` };
}

function usedOf(part: 'agent' | 'asterisk', uses: readonly TenantUse[]): StatusUpdate & { isBack: boolean } {
  const all = uses.map(use => use[part]);
  const [before, last] = [all[0], all.at(-1)];
  const names = [...PHASES, 'later'];
  const numbers = Object.fromEntries(
    all.flatMap((use, i) => [
      [`${part} rss ${names[i]}`, use.rss],
      [`${part} handles ${names[i]}`, use.handles],
    ]),
  );
  const isBack =
    before !== undefined &&
    last !== undefined &&
    last.rss <= before.rss * MORE_MEMORY &&
    last.handles <= before.handles + MORE_HANDLES;
  const rss = all.map(use => megabytes(use.rss).replace(' MB', '')).join('/');
  return { text: `${part} ${rss} MB, ${all.map(({ handles }) => handles).join('/')} handles`, numbers, isBack };
}
