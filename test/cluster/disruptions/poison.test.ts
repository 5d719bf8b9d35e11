import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderBundle } from '../../../src/core/asterisk/render.ts';
import { compile } from '../../../src/core/compile.ts';
import { AGENT_API_PORT } from '../../../src/core/kubernetes/ports.ts';
import type { Bundle } from '../../../src/core/plan.ts';
import { serverAccess } from '../../../src/kube/credentials.ts';
import { Transport } from '../../../src/kube/transport.ts';
import { Operator } from '../../../src/operator/operator.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { createLogger } from '../../../src/runtime/log.ts';
import { spoiled } from '../../spoiled.ts';
import { apply, environment, kubectl } from '../environment.ts';
import { OPERATOR_NAMESPACE } from '../platform.ts';
import { bothHear, Telephones } from '../telephones.ts';
import { Tenant } from '../tenant.ts';

/**
 * Bad bundles with matching digests, as if the renderer had gone wrong: spoiled where its output leaves it, in an
 * operator of the test's own. The object is named and quarantined, all others load, calls go on, and the pod, killed at
 * once, boots and serves.
 */
let phones: Telephones;
let tenant: Tenant;
let spoil: (bundle: Bundle) => Bundle = bundle => bundle;
const stop = new AbortController();
let running: Promise<unknown> = Promise.resolve();

beforeAll(async () => {
  phones = await Telephones.start();
  await kubectl(['-n', OPERATOR_NAMESPACE, 'scale', 'deployment/ringfleet-operator', '--replicas=0']);
  process.env['KUBECONFIG'] = environment().kubeconfig;
  const log = createLogger('operator', 'fatal');
  const transport = new Transport(await serverAccess(), systemClock);
  const operator = new Operator({
    transport,
    namespace: OPERATOR_NAMESPACE,
    identity: 'poisoner',
    image: environment().images.pbx,
    clock: systemClock,
    log,
    registry: new Registry(),
    compile: (snapshot, now) => compile(snapshot, now, (...facts) => spoil(renderBundle(...facts))),
  });
  running = operator.run(stop.signal).catch(() => undefined); // the test ends it
  tenant = await Tenant.create('poison');
  await letIn('poison');
  await tenant.people('jane', 'john');
  await tenant.put('SipUser', 'victim', { extension: '1003' });
  await tenant.ready();
});

afterAll(async () => {
  stop.abort();
  await running;
  await kubectl(['-n', OPERATOR_NAMESPACE, 'scale', 'deployment/ringfleet-operator', '--replicas=2']);
  await kubectl(['-n', OPERATOR_NAMESPACE, 'rollout', 'status', 'deployment/ringfleet-operator', '--timeout=90s']);
  await phones?.stop();
  await tenant?.drop();
});

beforeEach(async () => {
  spoil = bundle => bundle;
  await touch();
  await tenant.becomes('organization', 'poison', 'ConfigLoaded', { status: 'True' });
});

/** This operator is no pod of the operator's namespace: the tenant's NetworkPolicy would keep it from the agent. */
function letIn(namespace: string): Promise<string> {
  return apply({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'operator-of-the-test', namespace },
    spec: {
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ ports: [{ protocol: 'TCP', port: AGENT_API_PORT }] }],
    },
  });
}

let touches = 0;

/** An edit of the victim, so that there is something to compile. */
async function touch(): Promise<void> {
  await tenant.patch('sipuser', 'victim', { spec: { ring: { seconds: 10 + (touches++ % 50) } } });
}

const EDITS: readonly (readonly [string, (bundle: Bundle) => Bundle])[] = [
  [
    'an unknown option',
    bundle =>
      spoiled(bundle, 'pjsip_endpoint.conf', text =>
        text.replace('[poison_1003](user)', '[poison_1003](user)\nno_such_option=1'),
      ),
  ],
  [
    'a section of a wrong type',
    bundle => spoiled(bundle, 'pjsip_aor.conf', text => text.replace('[poison_1003]', '[poison_1003]\ntype=nonsense')),
  ],
  [
    'the id of another',
    bundle => spoiled(bundle, 'pjsip_endpoint.conf', text => text.replace('[poison_1003]', '[poison_1001]')),
  ],
];

describe('a poisoned object', () => {
  it.each(EDITS)('with %s is named and left out; the call goes on, and a killed pod serves', async (_what, edit) => {
    const call = await phones.talk(tenant);

    spoil = edit;
    await touch();

    const stalled = await tenant.becomes('sipuser', 'victim', 'Stalled', { reason: 'RejectedByAsterisk' });
    expect(stalled.message.length).toBeGreaterThan(30);
    await tenant.becomes('sipuser', 'jane', 'Ready', { status: 'True' });
    const { status } = await tenant.get('organization', 'poison');
    expect(status.pbx.quarantined).toMatchObject([{ kind: 'SipUser', name: 'victim' }]);
    await bothHear(call);
    await call.out.hangUp();

    const before = await tenant.podUid();
    await kubectl(['-n', 'poison', 'delete', 'pod', tenant.pod, '--force', '--grace-period=0']);
    await until('another pod', async () => ![undefined, before].includes(await tenant.podUid()) || undefined, {
      deadlineMs: 60_000,
    });
    await kubectl(['-n', 'poison', 'wait', '--for=condition=Ready', `pod/${tenant.pod}`, '--timeout=60s']);
    expect(await tenant.asterisk('pjsip show endpoints')).not.toContain('poison_1003');
    await tenant.becomes('sipuser', 'victim', 'Stalled', { reason: 'RejectedByAsterisk' });
    // without a claim the registrations went with the pod
    for (const user of ['jane', 'john']) await phones.bank.remove(`poison-${user}`);
    await (await phones.talk(tenant)).out.hangUp();
  });

  it('with a whole file gone does not take the PBX along: the last known good stays in force', async () => {
    const call = await phones.talk(tenant);

    spoil = bundle => spoiled(bundle, 'pjsip_endpoint.conf', () => '');
    await touch();

    const loaded = await tenant.becomes('organization', 'poison', 'ConfigLoaded', {
      status: 'False',
      reason: 'LastKnownGood',
    });
    expect(loaded.message.length).toBeGreaterThan(20);
    await bothHear(call);
    await call.out.hangUp();
    await kubectl(['-n', 'poison', 'wait', '--for=condition=Ready', `pod/${tenant.pod}`, '--timeout=30s']);
    await (await phones.talk(tenant)).out.hangUp();
  });
});
