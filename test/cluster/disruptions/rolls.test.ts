import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { killContainer, restarts } from '../containers.ts';
import { apply, environment, kubectl, tryKubectl } from '../environment.ts';
import { bothHear, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/** A PBX is replaced, its agent dies, its node is drained: and the calls go on. All through the exposure Service. */
let phones: Telephones;
let tenant: Tenant;

beforeAll(async () => {
  phones = await Telephones.start();
  await orgClass(environment().images.pbx);
  tenant = await Tenant.create('rolls', { className: 'rolling' });
  await tenant.people('jane', 'john', 'zoe', 'max');
  await tenant.ready();
});

afterAll(async () => {
  await kubectl(['uncordon', '--all']).catch(() => kubectl(['uncordon', 'node1']));
  await phones?.stop();
  await tenant?.drop();
});

/** With claims, so that registrations outlive a pod. */
async function orgClass(image: string): Promise<void> {
  const storage = {
    state: { size: '1Gi', storageClassName: 'standard' },
    media: { size: '1Gi', storageClassName: 'standard' },
  };
  await apply({
    apiVersion: 'ringfleet.io/v1alpha1',
    kind: 'OrganizationClass',
    metadata: { name: 'rolling' },
    spec: {
      pbx: { image, storage, roll: { deadlineSeconds: 7200 } },
      // from outside, a ClusterIP hides who calls behind an address that goes with the pod; a NodePort does not
      exposure: { signalling: { type: 'NodePort' } },
      sipDomainSuffix: 'rolls.example',
    },
  });
}

async function rolling(): Promise<void> {
  await until(
    'the roll to be on',
    async () => (await tenant.get('organization', 'rolls'))?.status?.pbx?.pods?.[0]?.rolling || undefined,
    { deadlineMs: 30_000 },
  );
}

/** Another pod serves, and phones reach each other through it without registering anew. */
async function replaced(before: string | undefined): Promise<void> {
  await until(
    'another pod',
    async () => {
      const uid = await tenant.podUid();
      return uid !== undefined && uid !== before ? uid : undefined;
    },
    { deadlineMs: 60_000 },
  );
  await kubectl(['-n', 'rolls', 'wait', '--for=condition=Ready', `pod/${tenant.pod}`, '--timeout=60s']);
  await tenant.becomes('organization', 'rolls', 'Ready', { status: 'True' });
}

describe('a call', () => {
  it('is not touched when the agent is killed, and status is right again', async () => {
    const call = await phones.talk(tenant);
    const [before, started] = [await restarts('rolls', tenant.pod, 'agent'), await tenant.asteriskStartedAt()];

    await killContainer('rolls', tenant.pod, 'agent');

    await bothHear(call);
    await until(
      'the agent to be back',
      async () => (await restarts('rolls', tenant.pod, 'agent')) > before || undefined,
      { deadlineMs: 60_000 },
    );
    await bothHear(call);
    expect(await tenant.asteriskStartedAt()).toBe(started);
    await until(
      'the count to be right',
      async () => (await tenant.get('organization', 'rolls'))?.status?.usage?.concurrentCalls?.used === 1 || undefined,
      { deadlineMs: 60_000 },
    );
    await call.out.hangUp();
    await until(
      'the end of the call to be told', // which the agent of before cannot have
      async () => (await tenant.get('organization', 'rolls'))?.status?.usage?.concurrentCalls?.used === 0 || undefined,
      { deadlineMs: 60_000 },
    );
    await tenant.becomes('sipuser', 'jane', 'Registered', { status: 'True' });
  });

  it('outlives the wish for a new image, as do those that begin meanwhile; the roll comes after the last', async () => {
    const call = await phones.talk(tenant);
    const before = await tenant.podUid();

    await orgClass(environment().images.next);
    await rolling();
    const second = await phones.talk(tenant, 'zoe', 'max');
    await bothHear(call);
    // an agent that has just come back knows of no call yet: that is not the same as none
    const restarted = await restarts('rolls', tenant.pod, 'agent');
    await killContainer('rolls', tenant.pod, 'agent');
    await until(
      'the agent to be back',
      async () => (await restarts('rolls', tenant.pod, 'agent')) > restarted || undefined,
      { deadlineMs: 60_000 },
    );
    await rolling();
    await bothHear(call);
    await call.out.hangUp();
    await bothHear(second);
    expect(await tenant.podUid()).toBe(before);
    await second.out.hangUp();

    await replaced(before);
    const pod = await tenant.get('pod', tenant.pod);
    expect(pod.spec.containers[0].image).toBe(environment().images.next);
    await (await phones.talk(tenant)).out.hangUp();
  });

  it('outlives a change that only a restart brings in', async () => {
    const call = await phones.talk(tenant);
    const before = await tenant.podUid();
    const { server } = await tenant.credentials('zoe');

    const exposure = { advertisedAddress: server, localNetworks: ['198.18.0.0/16', '10.0.0.0/8'] };
    await tenant.patch('organization', 'rolls', { spec: { exposure } });
    await rolling();
    await bothHear(call);
    expect(await tenant.podUid()).toBe(before);
    await call.out.hangUp();

    await replaced(before);
    expect(await tenant.asterisk('pjsip show transport udp')).toContain(server);
  });

  it('outlives the drain of its node; the next pod starts with what this one found good', async () => {
    await tenant.becomes('organization', 'rolls', 'RestartSafe', { status: 'True' });
    const call = await phones.talk(tenant);
    const before = await tenant.podUid();

    const drained = tryKubectl([
      'drain',
      'node1',
      '--pod-selector=ringfleet.io/organization=rolls',
      '--delete-emptydir-data',
      '--timeout=120s',
    ]);
    await rolling();
    await bothHear(call);
    expect(await tenant.podUid()).toBe(before);
    await call.out.hangUp();

    expect((await drained).code).toBe(0);
    await kubectl(['uncordon', 'node1']);
    await replaced(before);
    const log = await kubectl(['-n', 'rolls', 'logs', tenant.pod, '-c', 'agent']);
    expect(log).toContain('Started with what an Asterisk of this image booted with before');
    await (await phones.talk(tenant)).out.hangUp();
  });
});
