import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../src/runtime/clock.ts';
import { killContainer } from '../containers.ts';
import { kubectl, tryKubectl } from '../environment.ts';
import { leader, OPERATOR_NAMESPACE, operatorPods } from '../platform.ts';
import { Tenant } from '../tenant.ts';
import { settled, versions } from '../versions.ts';

/** Two operators: one works, and when it goes the other takes over without touching what is right. */
let tenant: Tenant;
let extension = 1100;

beforeAll(async () => {
  tenant = await Tenant.create('leaders');
  await tenant.put('SipUser', 'jane', { extension: '1001' });
  await tenant.ready();
});

afterAll(async () => {
  await tenant?.drop();
});

async function anotherLeader(before: string | undefined, deadlineMs: number): Promise<string> {
  return until(
    'another leader',
    async () => {
      const now = await leader();
      return now && now !== before ? now : undefined;
    },
    { deadlineMs, everyMs: 100 },
  );
}

function podOf(identity: string | undefined): string {
  return identity?.split('_')[0] ?? '';
}

/** How many passes over tenants an operator has made. */
async function passes(pod: string): Promise<number> {
  const path = `/api/v1/namespaces/${OPERATOR_NAMESPACE}/pods/${pod}:8080/proxy/metrics`;
  const { stdout } = await tryKubectl(['get', '--raw', path]);
  return Number(/ringfleet_reconciles_total\{result="success"\} (\d+)/.exec(stdout)?.[1] ?? 0);
}

function enough(count: number): true | undefined {
  return count > 0 || undefined;
}

/** A new user becomes Ready: somebody works. */
async function works(): Promise<void> {
  const name = `user-${extension}`;
  await tenant.put('SipUser', name, { extension: String(extension++) });
  await tenant.becomes('sipuser', name, 'Ready', { status: 'True' }, 30_000);
}

async function bothUp(): Promise<void> {
  await until('two operators', async () => (await operatorPods()).length === 2 || undefined, {
    deadlineMs: 60_000,
    everyMs: 300,
  });
  await kubectl(['-n', OPERATOR_NAMESPACE, 'rollout', 'status', 'deployment/ringfleet-operator', '--timeout=90s']);
}

describe('two operators', () => {
  it('have one leader, who is one of them', async () => {
    await bothUp();

    expect(await operatorPods()).toContain(podOf(await leader()));
  });

  it.each([
    [
      'asked to stop',
      async (pod: string) => kubectl(['-n', OPERATOR_NAMESPACE, 'delete', 'pod', pod, '--wait=false']),
      20_000,
    ],
    ['killed', async (pod: string) => killContainer(OPERATOR_NAMESPACE, pod, 'operator'), 45_000],
  ] as const)('hand over when the leader is %s, and write nothing that was right', async (_how, end, deadlineMs) => {
    await bothUp();
    const before = await leader();
    await works();
    const known = await settled(tenant.name);

    await end(podOf(before));
    const now = await anotherLeader(before, deadlineMs);
    await until('the new leader to have looked at everything', () => passes(podOf(now)).then(enough), {
      deadlineMs: 60_000,
      everyMs: 300,
    });

    // it has heard the agent by then: look for as long as it might have believed that there is none
    const over = performance.now() + 20_000;
    await until(
      'a while without a write',
      async () => {
        expect(await versions(tenant.name)).toEqual(known);
        return performance.now() >= over || undefined;
      },
      { deadlineMs: 30_000, everyMs: 1_000 },
    );
    await works();
  });
});
