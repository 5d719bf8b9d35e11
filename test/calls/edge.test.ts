import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../src/runtime/clock.ts';
import { organization, phoneNumber, secret, settle, snapshot, trunk, user } from '../snapshots.ts';
import { freePorts } from './ports.ts';
import { Rig } from './rig.ts';
import { SipClient } from './sip.ts';

/** What was seen to fail elsewhere, each as a test of ours. */
const PORT = await freePorts();
let rig: Rig;
let phone: SipClient;

beforeAll(async () => {
  rig = await Rig.start(PORT, {
    organization: { userDefaults: { voicemail: { enabled: false } } },
    users: {
      jane: { extension: '1001' },
      own: { extension: '1002', sip: { passwordSecretRef: { name: 'own', key: 'secret' } } },
      quoted: { extension: '1003', firstName: 'Zoë', lastName: "O'Brien-Ångström, Jr." },
    },
  });
  phone = await SipClient.open(PORT);
});

afterAll(async () => {
  await rig?.stop();
  await phone?.close();
});

const secretFile = (password: string): Promise<void> =>
  rig.write(
    'own.yaml',
    `apiVersion: v1\nkind: Secret\nmetadata: {name: own}\nstringData: {secret: ${JSON.stringify(password)}}\n`,
  );

async function code(username: string, password: string): Promise<number> {
  return (await phone.register(username, { auth: { username, password } })).final.code;
}

describe('credentials', () => {
  it('of a missing Secret keep only that user out, and she is told which', async () => {
    expect(rig.condition('SipUser', 'own', 'Stalled')).toMatchObject({
      reason: 'SecretNotFound',
      message: expect.stringContaining('Secret own'),
    });
    expect(await code('acme_1001', rig.credentials('jane').password)).toBe(200);
  });

  it.each(['', 'short'])('an empty or short password (%j) is not accepted', async password => {
    await secretFile(password);
    const read = (): string | undefined => rig.pbx.snapshot?.secrets.get('own')?.data['secret'];
    await until('the Secret to be read', () => read() === password || undefined, { deadlineMs: 5_000 });
    await until('her to be told', () => (rig.condition('SipUser', 'own', 'Stalled') ? true : undefined), {
      deadlineMs: 5_000,
    });

    expect(await code('acme_1002', password)).toBe(401);
  });

  it('of a changed Secret count at once, and the old ones no longer', async () => {
    await rig.edit(() => secretFile('first-password'));
    expect(await code('acme_1002', 'first-password')).toBe(200);
    const begun = performance.now();
    await rig.edit(() => secretFile('second-password; "quoted"'));

    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await code('acme_1002', 'first-password')).toBe(401);
    expect(await code('acme_1002', 'second-password; "quoted"')).toBe(200);
  });

  it('of a deleted Secret are refused, and her phone is there again when it is', async () => {
    const password = 'second-password; "quoted"';
    const rings = async (): Promise<boolean> => {
      const before = phone.received.length;
      await phone.request('INVITE', '1002', { from: 'acme_1001', auth: rig.credentials('jane') });
      return phone.received.slice(before).some(({ method }) => method === 'INVITE');
    };
    expect(await code('acme_1002', password)).toBe(200);
    expect(await rings()).toBe(true);

    await rig.edit(() => rm(join(rig.directory, 'own.yaml')));
    expect(await code('acme_1002', password)).toBe(401);
    expect(await rings()).toBe(false);

    await rig.edit(() => secretFile(password));
    expect(await rings()).toBe(true);
  });

  it('of a deleted user are refused, her contact is gone, and who is re-created does not have it', async () => {
    await rig.edit(() => rig.put('SipUser', 'temp', { extension: '1009' }));
    const { password } = rig.credentials('temp');
    expect(await code('acme_1009', password)).toBe(200);
    await rig.edit(() => rig.remove('SipUser', 'temp'));

    expect(await code('acme_1009', password)).toBe(401);
    expect(await rig.pbx.agent.client?.command('database show registrar/contact')).not.toContain('acme_1009');
  });

  it('of a renamed user: the old name is refused', async () => {
    await rig.edit(() => rig.put('SipUser', 'before', { extension: '1008' }));
    const { password } = rig.credentials('before');
    expect(await code('acme_1008', password)).toBe(200);
    await rig.edit(async () => {
      await rig.remove('SipUser', 'before');
      await rig.put('SipUser', 'after', { extension: '1008' });
    });

    expect(await code('acme_1008', password)).toBe(401);
    expect(await code('acme_1008', rig.credentials('after').password)).toBe(200);
    // the file that is gone counts after two seconds, and makes another bundle
    await rig.settled(({ pbx }) => !pbx.snapshot?.objects.SipUser.some(({ metadata }) => metadata.name === 'before'));
  });

  it('of a disabled user are refused, and the same again when she is back', async () => {
    await rig.edit(() => rig.put('SipUser', 'jane', { extension: '1001', enabled: false }));
    const { password } = rig.credentials('jane');
    expect(await code('acme_1001', password)).toBe(401);
    await rig.edit(() => rig.put('SipUser', 'jane', { extension: '1001', enabled: true }));

    expect(await code('acme_1001', password)).toBe(200);
  });

  it('never stand in the log, however much is logged', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: line => lines.push(line) });
    log.trace(
      { report: rig.pbx.report, statuses: rig.pbx.plan?.statuses, events: rig.pbx.plan?.events, said: rig.said },
      'Told all',
    );

    expect(lines.join('')).not.toContain(rig.credentials('jane').password);
  });
});

describe('names', () => {
  it('with commas, quotes and letters of other alphabets arrive as they are', async () => {
    const callee = await SipClient.open(PORT);
    await callee.register('acme_1001', { auth: rig.credentials('jane') });
    const auth = rig.credentials('quoted');
    await phone.request('INVITE', '1001', { from: 'acme_1003', auth });

    expect(callee.received[0]?.headers.get('from')?.[0]).toMatch(/^"Zoë O'Brien-Ångström, Jr." <sip:1003@/);
    await callee.close();
  });
});

describe('objects', () => {
  it('a duplicate says of whom and what to do, every time anew', () => {
    const two = [user('old', '1001', {}, 1), user('young', '1001', {}, 2)];
    const { plan } = settle(snapshot({ users: two }));
    const again = settle(snapshot({ users: [two[0] ?? user('old', '1001'), user('third', '1001', {}, 3)] })).plan;

    for (const [one, name] of [
      [plan, 'young'],
      [again, 'third'],
    ] as const) {
      const event = one.events.find(({ regarding }) => regarding.metadata.name === name);
      expect(event).toMatchObject({
        type: 'Warning',
        reason: 'Conflict',
        message: expect.stringMatching(/SipUser old.*(choose|delete)/),
      });
    }
  });

  it('of two namespaces with the same names are two things', () => {
    const bundle = (name: string): string[] => {
      const spec = { credentialsSecretRef: { name: 'carrier' }, register: { enabled: true } };
      const secrets = new Map([['carrier', secret('carrier', { username: 'u', password: 'p' })]]);
      const base = { namespace: name, organizations: [organization({ sipDomain: `${name}.example` }, name)], secrets };
      const { plan } = settle(snapshot({ ...base, users: [user('jane', '1001')], trunks: [trunk('gateway', spec)] }));
      return [...(plan.bundle?.texts.values() ?? [])].join('').match(/^\[acme[^\]]*_[^\]]+\]/gm) ?? [];
    };

    expect(bundle('acme').length).toBeGreaterThan(4);
    expect(bundle('acme').filter(id => bundle('acme-7').includes(id))).toEqual([]);
  });

  it('carry no finalizer: a deleted namespace goes', () => {
    const numbers = [phoneNumber('main', '+914412345678')];
    const { plan } = settle(snapshot({ users: [user('jane', '1001')], numbers }));

    expect(plan.apply.length).toBeGreaterThan(3);
    expect(JSON.stringify(plan.apply)).not.toContain('finalizers');
  });
});
