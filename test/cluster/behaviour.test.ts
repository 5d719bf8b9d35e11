import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeClient } from '../../src/kube/client.ts';
import { type ServerAccess, serverAccess } from '../../src/kube/credentials.ts';
import { Reflector } from '../../src/kube/reflector.ts';
import { type KubeObject, RESOURCES } from '../../src/kube/resource.ts';
import { Transport } from '../../src/kube/transport.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { behaviour } from '../fake-apiserver/behaviour.ts';
import { builtinBehaviour } from '../fake-apiserver/builtin-behaviour.ts';
import { installContract } from './platform.ts';

/** The fake API server's promises, asked of a real one: that of RINGFLEET_KUBECONFIG, or else of KUBECONFIG. */
function access(): Promise<ServerAccess> {
  const own = process.env['RINGFLEET_KUBECONFIG'];
  if (own) process.env['KUBECONFIG'] = own;
  return serverAccess();
}

beforeAll(installContract);

behaviour('a real one', access);
builtinBehaviour('a real one', access);

describe('a reflector of a real API server', () => {
  const metadata = { name: `reflected-${systemClock.now().toString(36)}` };
  const stop = new AbortController();
  let transport: Transport;
  let client: KubeClient;

  beforeAll(async () => {
    transport = new Transport(await access(), systemClock);
    client = new KubeClient(transport);
    await client.create(RESOURCES.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata });
  });
  afterAll(async () => {
    stop.abort(new Error('The test has ended'));
    await client.delete(RESOURCES.Namespace, '', metadata.name);
    await transport.close();
  });

  it('follows what is made, changed and deleted', async () => {
    const log = createLogger('test', 'silent');
    const reflector = new Reflector({ type: RESOURCES.ConfigMap, transport, clock: systemClock, log });
    const told: string[] = [];
    reflector.store.onChange(({ type, object }) => {
      if (object.metadata.namespace === metadata.name && object.metadata.name === 'a') told.push(type);
    });
    const ended = reflector.run(stop.signal).catch((error: unknown) => error);
    await until('it is synced', () => reflector.synced || undefined, { deadlineMs: 30_000 });
    const object = (value: string): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: metadata.name },
      data: { value },
    });
    await client.apply(object('1'), 'one');
    await client.apply(object('2'), 'one');
    await client.delete(RESOURCES.ConfigMap, metadata.name, 'a');
    await until('all was told', () => told.length === 3 || undefined, { deadlineMs: 30_000 });
    stop.abort(new Error('Stopped'));

    expect(told).toEqual(['added', 'changed', 'deleted']);
    expect(await ended).toEqual(new Error('Stopped'));
  });
});
