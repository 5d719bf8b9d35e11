import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sipOptions } from '../../../src/agent/live/sip-options.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { kubectl } from '../environment.ts';
import { Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** Two tenants with the same names in them: both work, and neither can reach the other. */
/** What Asterisk's boot alone takes when it waits for a name server that is not there. */
const WAIT_FOR_DNS_MS = 6_400;
const MIB = 1024 * 1024;
let phones: Telephones;
let hotel: Tenant;
let other: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  [hotel, other] = await Promise.all([
    Tenant.sample('grand-estancia'),
    Tenant.sample('petit-estancia', text =>
      text
        .replaceAll('+9144123456', '+9144123457')
        .replaceAll('@ge.example', '@pe.example')
        .replaceAll('ge.pbx', 'pe.pbx'),
    ),
  ]);
});

afterAll(async () => {
  await phones?.stop();
  await Promise.all([hotel?.drop(), other?.drop()]);
});

describe('two tenants', () => {
  it('are all Ready within a minute, and kubectl reads well', async () => {
    await Promise.all([hotel.ready(60_000), other.ready(60_000)]);

    const table = await kubectl(['get', 'pbx', '-A']);
    expect(table).toMatch(/grand-estancia\s+organization\S+\s+hotel\s+Active\s+4\s+0\s+\S+\s+True/);
    expect(table).toMatch(/petit-estancia\s+sipuser.ringfleet.io\/jane-roe\s+1003\s+Jane Roe\s+sip\s+False\s+True/);
  });

  it('run pods that the restricted level takes', async () => {
    const pod = await hotel.get('pod', hotel.pod);

    expect(pod.spec.securityContext.runAsNonRoot).toBe(true);
    expect(pod.spec.automountServiceAccountToken).toBe(false);
    const containers = [...pod.spec.initContainers, ...pod.spec.containers];
    for (const { securityContext } of containers)
      expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true, allowPrivilegeEscalation: false });
  });

  it('tell their agents how much memory Asterisk uses, and how much it may', async () => {
    const { resources } = (await hotel.get('pod', hotel.pod)).spec.containers[0];
    const limit = Number(/^(\d+)Mi$/.exec(resources.limits.memory)?.[1]) * MIB;
    const known = async () => {
      const path = `/api/v1/namespaces/${hotel.name}/pods/${hotel.pod}:8080/proxy/metrics`;
      const text = await kubectl(['get', '--raw', path]);
      const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
      const used = value('ringfleet_asterisk_memory_bytes');
      return used > 0 ? { used, limit: value('ringfleet_asterisk_memory_limit_bytes') } : undefined;
    };
    const figure = await until('a figure', known, { deadlineMs: 30_000 });

    console.log(`Asterisk uses ${Math.round(figure.used / MIB)} MiB of ${figure.limit / MIB}`);
    expect(figure.limit).toBe(limit);
    expect(figure.used).toBeGreaterThan(5 * MIB);
    expect(figure.used).toBeLessThan(limit / 2);
  });

  it('let phones call by extension, and each hears the other', async () => {
    const [jane, john] = [await phones.registered(hotel, 'jane-roe'), await phones.registered(hotel, 'john-doe')];

    const out = await jane.call('1002');
    const { call: inbound, from } = await john.incoming();
    await out.answered();

    expect(from).toEqual({ number: '1003', name: 'Jane Roe' });
    await out.hears(john.account.hz);
    await inbound.hears(jane.account.hz);
    await out.hangUp();
    await inbound.ended();
    await hotel.becomes('sipuser', 'jane-roe', 'Registered', { status: 'True' });
    const { status } = await hotel.get('sipuser', 'jane-roe');
    expect(status.registrations[0]).toMatchObject({ userAgent: 'Ringfleet phone', state: 'Reachable' });
  });

  it('refuse the phones of the other', async () => {
    const { server = '' } = await other.credentials('jane-roe');

    const thief = await phones.phone(hotel, 'jane-roe', { name: 'thief', server });
    await thief.refused(20_000);
    await phones.bank.remove('thief');

    const { status } = await other.get('sipuser', 'jane-roe');
    expect(status.registrations).toBeUndefined();
  });

  it('ring their own people only', async () => {
    const [mine, theirs] = [await phones.registered(hotel, 'john-doe'), await phones.registered(other, 'john-doe')];
    const caller = await phones.registered(other, 'jane-roe');
    phones.bank.forget(mine.account.name);

    const out = await caller.call('1002');
    await theirs.incoming();
    await out.answered();
    await out.hears(theirs.account.hz);
    await out.hangUp();

    await expect(mine.incoming(1_000)).rejects.toThrow();
  });

  it('serve soon after their pod is made, although no name server answers', async () => {
    const before = await other.podUid();
    await kubectl(['-n', other.name, 'delete', 'pod', other.pod, '--wait=false']);
    await until('another pod', async () => ![undefined, before].includes(await other.podUid()) || undefined, {
      deadlineMs: 60_000,
    });
    const made = performance.now();

    const answers = async () => {
      const ip: string | undefined = (await other.get('pod', other.pod))?.status?.podIP;
      return ip ? sipOptions(ip, 5060, systemClock) : undefined;
    };
    await until('an answer to OPTIONS', answers, { deadlineMs: 30_000 });
    const took = performance.now() - made;

    console.log(`A pod served ${Math.round(took)} ms after it was made`);
    expect(took).toBeLessThan(WAIT_FOR_DNS_MS);
    const { spec } = await other.get('pod', other.pod);
    expect(spec.hostAliases).toContainEqual({ ip: '::1', hostnames: [other.pod] });
  });

  it('keep their credentials to themselves', async () => {
    const [a, b] = [await hotel.credentials('jane-roe'), await other.credentials('jane-roe')];

    expect(a['password']).not.toBe(b['password']);
    expect(a['username']).toBe('grand-estancia_1003');
    expect(b['username']).toBe('petit-estancia_1003');
  });
});
