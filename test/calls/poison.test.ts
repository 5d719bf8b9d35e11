import { afterEach, describe, expect, it } from 'vitest';
import type { Bundle } from '../../src/core/plan.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { type Parts, secret, trunk, user } from '../snapshots.ts';
import { spoiled } from '../spoiled.ts';
import { AgentRig, bundleFor, endpoints, loaded, restartSafe } from './agent-rig.ts';
import { freePorts } from './ports.ts';
import { SipClient } from './sip.ts';

/**
 * Bad bundles whose digests match, as if the renderer had gone wrong: each way of features.md T2 and asterisk-limits.md
 * §6. The object is named, all others load; and killed at once, the PBX boots and serves.
 */
const PORT = await freePorts();

let running: AgentRig | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const users = ['jane', 'john', 'zoe'].map((name, place) => user(name, `100${place + 1}`, {}, place));

function good(...more: ReturnType<typeof user>[]): Bundle {
  return bundleFor(PORT, { users: [...users, ...more] });
}

/** The same users, one who has a mailbox and no phone, and more. */
function bundleOf(more: Parts): Bundle {
  const box = user('box', '1009', { ring: { target: { none: {} } } }, 5);
  const all = [...users, box, ...(more.users ?? [])];
  return bundleFor(PORT, { ...more, users: all });
}

const BROKEN = [
  'pjsip_endpoint.conf',
  (text: string) => text.replace('[acme_1010](user)', '[acme_1010](user)\nno_such_option=1'),
] as const;

const start = (): Promise<AgentRig> => AgentRig.start(PORT);

const ALL = ['acme_1001', 'acme_1002', 'acme_1003'];
const WAYS: readonly (readonly [string, string, (text: string) => string])[] = [
  [
    'an unknown option',
    'pjsip_endpoint.conf',
    text => text.replace('[acme_1010](user)', '[acme_1010](user)\nno_such_option=1'),
  ],
  ['a bad value', 'pjsip_aor.conf', text => text.replace('[acme_1010](user)', '[acme_1010](user)\nmax_contacts=many')],
  ['a section header without its end', 'pjsip_endpoint.conf', text => text.replace('[acme_1010](user)', '[acme_1010')],
  [
    'a template that does not exist',
    'pjsip_endpoint.conf',
    text => text.replace('[acme_1010](user)', '[acme_1010](nobody)'),
  ],
  [
    'an id that another object has',
    'pjsip_endpoint.conf',
    text => text.replace('[acme_1010](user)', '[acme_1002](user)'),
  ],
  [
    'an auth without its digest',
    'pjsip_auth.conf',
    text => text.replace(/(\[acme_1010\][^[]*?)password_digest=MD5:\w+\n/s, '$1'),
  ],
  [
    'broken text in the dialplan',
    'extensions_tenant.conf',
    text => text.replace('exten => 1010,1,', '[broken\nexten => 1010,1,'),
  ],
];

describe('a bad bundle', () => {
  it.each(
    WAYS.filter((_, place) => place % 2 === 0),
  )('with %s, and the pod killed at once: it boots and serves', async (_what, file, change) => {
    running = await start();
    await running.publish(good());
    await loaded(running, good().manifest.generation);
    const bad = spoiled(good(user('poison', '1010', {}, 9)), file, change);

    await running.publish(bad);
    await running.kill();
    await loaded(running, bad.manifest.generation);

    expect(await endpoints(running.agent)).toEqual(ALL);
    expect(running.agent.report().quarantined.map(({ object }) => object)).toEqual(['SipUser/poison']);
  });

  it('does not touch a call that is up, and the restart check sends nobody a packet', async () => {
    running = await start();
    const phone = await SipClient.open(PORT);
    const carrier = await SipClient.open(PORT, '127.0.0.5', PORT + 30);
    const secrets = new Map([['carrier', secret('carrier', { username: 'u', password: 'p' })]]);
    const servers = [{ name: 'a', host: '127.0.0.5', port: PORT + 30 }];
    const spec = {
      servers,
      credentialsSecretRef: { name: 'carrier' },
      register: { enabled: true },
      health: { optionsSeconds: 0 },
    };
    carrier.reply = () => ({ code: 200, headers: { Contact: `<${carrier.contact}>;expires=300`, Expires: '300' } });
    const parts = { trunks: [trunk('carrier', spec)], secrets };
    const first = bundleOf(parts);
    await running.publish(first);
    await loaded(running, first.manifest.generation);
    const auth = { username: 'acme_1001', password: 'password-of-jane-sip' };
    await phone.register('acme_1001', { auth });
    const call = await phone.request('INVITE', '1009', { from: 'acme_1001', auth });
    await restartSafe(running.agent);
    await until('the trunk to register', () => carrier.received[0], { deadlineMs: 10_000 });
    const asked = carrier.received.length;
    const bad = spoiled(bundleOf({ ...parts, users: [user('poison', '1010', {}, 9)] }), ...BROKEN);

    await running.publish(bad);
    await loaded(running, bad.manifest.generation);
    await restartSafe(running.agent);

    expect(call.final.code).toBe(200);
    expect(running.agent.report().calls).toBe(1);
    expect([phone.strangers, carrier.strangers]).toEqual([0, 0]);
    expect(carrier.received).toHaveLength(asked);
    await phone.hangUp(call.dialog);
    await Promise.all([phone.close(), carrier.close()]);
  });

  it.each(WAYS)('with %s: the object is named, all others load, and a restart serves', async (_what, file, change) => {
    running = await start();
    await running.publish(good());
    await loaded(running, good().manifest.generation);
    const bad = spoiled(good(user('poison', '1010', {}, 9)), file, change);

    await running.publish(bad);
    await loaded(running, bad.manifest.generation);

    expect(running.agent.report().quarantined.map(({ object }) => object)).toEqual(['SipUser/poison']);
    expect(running.agent.report().quarantined[0]?.reason).not.toBe('');
    expect(await endpoints(running.agent)).toEqual(ALL);

    await running.kill();
    await loaded(running, bad.manifest.generation);
    expect(await endpoints(running.agent)).toEqual(ALL);
    expect(running.agent.report().quarantined.map(({ object }) => object)).toEqual(['SipUser/poison']);
  });

  it('with an empty file: the last known good stays in force, also after a restart', async () => {
    running = await start();
    const first = good();
    await running.publish(first);
    await loaded(running, first.manifest.generation);
    const bad = spoiled(first, 'pjsip_endpoint.conf', () => '');

    await running.publish(bad);
    await until('the bundle to be refused', () => running?.agent.report().bundle.error, { deadlineMs: 15_000 });

    expect(running.agent.report().bundle).toMatchObject({
      loaded: first.manifest.generation,
      seen: bad.manifest.generation,
    });
    expect(await endpoints(running.agent)).toEqual(ALL);
    await running.kill();
    await loaded(running, first.manifest.generation);
    expect(await endpoints(running.agent)).toEqual(ALL);
  });

  it('with a bad edit of a user who worked: her phone keeps working with what she had', async () => {
    running = await start();
    await running.publish(good());
    await loaded(running, good().manifest.generation);
    const bad = spoiled(good(), 'pjsip_endpoint.conf', text =>
      text.replace('[acme_1002](user)', '[acme_1002](user)\nno_such_option=1'),
    );

    await running.publish(bad);
    await loaded(running, bad.manifest.generation);

    expect(running.agent.report().quarantined.map(({ object }) => object)).toEqual(['SipUser/john']);
    expect(await endpoints(running.agent)).toEqual(ALL);
  });

  it('whose fragment is not the one that the manifest names is not touched', async () => {
    running = await start();
    const first = good();
    await running.publish(first);
    await loaded(running, first.manifest.generation);
    const next = good(user('new', '1020', {}, 9));
    const texts = new Map([...next.texts].map(([key, text]) => [key, `${text};x\n`]));

    await running.publish({ ...next, texts });
    await systemClock.sleep(1_000);

    expect(running.agent.report().bundle).toMatchObject({
      loaded: first.manifest.generation,
      seen: first.manifest.generation,
    });
  });
});
