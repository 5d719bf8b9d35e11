import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeClient } from '../../src/kube/client.ts';
import type { ServerAccess } from '../../src/kube/credentials.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { type KubeObject, pathOf, RESOURCES } from '../../src/kube/resource.ts';
import { Transport } from '../../src/kube/transport.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';

/**
 * What our code relies on an API server for. The same cases run against the fake one (behaviour.test.ts beside this) and
 * against a real one (test/cluster/behaviour.test.ts): where they part, the fake is wrong. Needs the CRDs installed.
 */
type Wire = KubeObject & { readonly status?: Record<string, unknown>; readonly spec?: Record<string, unknown> };

const API = 'ringfleet.io/v1alpha1';

export interface BehaviourOptions {
  /** It has forgotten its first versions: a young server has not. */
  readonly forgets?: boolean;
}

export function behaviour(
  name: string,
  access: () => Promise<ServerAccess> | ServerAccess,
  { forgets = false }: BehaviourOptions = {},
): void {
  describe(`an API server: ${name}`, () => {
    let transport: Transport;
    let client: KubeClient;
    let namespace = '';

    beforeAll(async () => {
      transport = new Transport(await access(), systemClock);
      client = new KubeClient(transport);
      namespace = `behaviour-${systemClock.now().toString(36)}`;
      await client.create(RESOURCES.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    });
    afterAll(async () => {
      await client.delete(RESOURCES.Namespace, '', namespace);
      await transport.close();
    });

    const user = (id: string, spec: Record<string, unknown> = {}): KubeObject => ({
      apiVersion: API,
      kind: 'SipUser',
      metadata: { name: id, namespace },
      spec: { extension: '1001', fullName: 'Ann', ...spec },
    });
    const config = (id: string, data: Record<string, string>, labels?: Record<string, string>): KubeObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: id, namespace, ...(labels ? { labels } : {}) },
      data,
    });
    const apply = (object: KubeObject, manager = 'one') => client.apply(object, manager) as Promise<Wire>;
    const applyStatus = (id: string, status: Record<string, unknown>, manager = 'one') =>
      client.applyStatus(
        { apiVersion: API, kind: 'SipUser', metadata: { name: id, namespace }, status },
        manager,
      ) as Promise<Wire>;
    const got = async (type: (typeof RESOURCES)[keyof typeof RESOURCES], id: string) =>
      (await client.get(type, namespace, id)) as Wire | undefined;
    const failure = async (work: Promise<unknown>): Promise<KubeError> => {
      const error = await work.then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(KubeError);
      return error as KubeError;
    };

    describe('server-side apply', () => {
      it('creates, with uid, generation, version and defaults', async () => {
        const made = await apply(user('made'));

        expect(made.metadata).toMatchObject({ name: 'made', namespace, generation: 1 });
        expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
        expect(Number(made.metadata.resourceVersion)).toBeGreaterThan(0);
        expect(made.status).toEqual({ observedGeneration: -1 });
      });

      it('does not write when nothing changes', async () => {
        await apply(user('same'));
        // The first write after the creation stores the default of the status, which a creation does not.
        const second = await apply(user('same'));
        const third = await apply(user('same'));
        const config1 = await apply(config('same', { a: '1' }));
        const config2 = await apply(config('same', { a: '1' }));

        expect(third.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
        expect(config2.metadata.resourceVersion).toBe(config1.metadata.resourceVersion);
      });

      it('counts generations by the spec alone', async () => {
        await apply(user('counted'));
        const labelled = await apply({
          ...user('counted'),
          metadata: { name: 'counted', namespace, labels: { a: 'b' } },
        });
        const changed = await apply(user('counted', { extension: '1002' }));

        expect([labelled.metadata.generation, changed.metadata.generation]).toEqual([1, 2]);
        expect(changed.metadata.labels).toBeUndefined();
      });

      it('removes what its manager no longer mentions, and nothing of others', async () => {
        await apply(config('shared', { mine: '1', gone: '2' }), 'one');
        await apply(config('shared', { theirs: '3' }), 'two');
        await apply(config('shared', { mine: '1' }), 'one');

        expect((await got(RESOURCES.ConfigMap, 'shared'))?.['data']).toEqual({ mine: '1', theirs: '3' });
      });

      it('keeps a field as long as one of its owners mentions it', async () => {
        await apply(config('both', { x: '1', one: '1' }), 'one');
        await apply(config('both', { x: '1' }), 'two');
        await apply(config('both', { one: '1' }), 'one');

        expect((await got(RESOURCES.ConfigMap, 'both'))?.['data']).toEqual({ x: '1', one: '1' });
      });

      it('takes a field over by force', async () => {
        await apply(config('forced', { x: '1' }), 'one');
        await apply(config('forced', { x: '2' }), 'two');
        await apply(config('forced', {}), 'one');

        expect((await got(RESOURCES.ConfigMap, 'forced'))?.['data']).toEqual({ x: '2' });
      });

      it('refuses a conflict without force', async () => {
        await apply(config('disputed', { x: '1' }), 'one');
        const path = pathOf(RESOURCES.ConfigMap, { namespace, name: 'disputed' });
        const error = await failure(
          transport.request('PATCH', path, {
            query: { fieldManager: 'two' },
            body: config('disputed', { x: '2' }),
            contentType: 'application/apply-patch+yaml',
          }),
        );

        expect(error.code).toBe(409);
      });

      it('merges lists that are maps by their keys', async () => {
        const condition = (type: string, status: string) => ({
          type,
          status,
          reason: 'Test',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        });
        await apply(user('conditions'));
        await applyStatus('conditions', { conditions: [condition('Mine', 'True'), condition('Old', 'True')] }, 'one');
        await applyStatus('conditions', { conditions: [condition('Theirs', 'True')] }, 'two');
        const after = await applyStatus('conditions', { conditions: [condition('Mine', 'False')] }, 'one');

        const conditions = after.status?.['conditions'] as { type: string; status: string }[];
        // an operator may be there, with conditions of its own
        const ours = conditions.filter(({ type }) => ['Mine', 'Old', 'Theirs'].includes(type));
        expect(ours.map(({ type, status }) => `${type}=${status}`).sort()).toEqual(['Mine=False', 'Theirs=True']);
      });
    });

    describe('schemas', () => {
      it.each([
        ['a pattern', { extension: 'x y' }, 'spec.extension'],
        ['a rule over two fields', { firstName: 'Ann' }, 'spec'],
      ])('refuses %s as 422 and names the field', async (_, spec, field) => {
        const error = await failure(apply(user('refused', spec)));

        expect([error.code, error.reason, error.invalid]).toEqual([422, 'Invalid', true]);
        expect(error.message).toContain(field);
        expect(await got(RESOURCES.SipUser, 'refused')).toBeUndefined();
      });

      it('refuses a wrong type in an apply as 500, which we know to be for good', async () => {
        const error = await failure(apply(user('refused', { extension: 17 })));

        expect([error.code, error.invalid, error.retryable]).toEqual([500, true, false]);
        expect(error.message).toContain('.spec.extension');
      });

      it('refuses an unknown field of an apply, for good', async () => {
        const error = await failure(apply(user('unknown', { extnesion: '1' })));

        expect(error.message).toContain('extnesion');
        expect(error.retryable).toBe(false);
      });

      it('prunes an unknown field of a lenient create', async () => {
        const made = (await client.create(RESOURCES.SipUser, user('pruned', { extnesion: '1' }))) as Wire;

        expect(made.spec).not.toHaveProperty('extnesion');
      });

      it('refuses times of a Lease that are no MicroTime', async () => {
        const lease = (renewTime: string): KubeObject => ({
          apiVersion: 'coordination.k8s.io/v1',
          kind: 'Lease',
          metadata: { name: 'times', namespace },
          spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime },
        });
        const error = await failure(client.create(RESOURCES.Lease, lease('2026-01-01T00:00:00.000Z')));
        await client.create(RESOURCES.Lease, lease('2026-01-01T00:00:00.000000Z'));

        expect(error.code).toBe(400);
      });

      it('counts the bytes of what an Event says', async () => {
        const event = (id: string, text: string): KubeObject => ({
          apiVersion: 'events.k8s.io/v1',
          kind: 'Event',
          metadata: { name: id, namespace },
          eventTime: '2026-01-01T00:00:00.000000Z',
          reportingController: 'ringfleet.io/test',
          reportingInstance: 'one',
          action: 'Test',
          reason: 'Test',
          note: text,
          type: 'Normal',
          regarding: { apiVersion: API, kind: 'SipUser', name: 'x', namespace },
        });
        await client.create(RESOURCES.Event, event('short', 'ü'.repeat(512)));
        const error = await failure(client.create(RESOURCES.Event, event('long', 'ü'.repeat(513))));

        expect(error.code).toBe(422);
      });

      it('refuses the key of a ConfigMap with a slash', async () => {
        expect((await failure(apply(config('keys', { 'a/b': '1' })))).code).toBe(422);
      });
    });

    describe('status', () => {
      it('is not touched by a write to the object, nor the object by a write to the status', async () => {
        await apply({ ...user('halves'), status: { observedGeneration: 7 } });
        await applyStatus('halves', { observedGeneration: 1 });
        const after = await apply(user('halves', { extension: '1003' }));

        expect(after.status).toMatchObject({ observedGeneration: 1 });
        expect(after.spec).toMatchObject({ extension: '1003' });
        expect(after.metadata.generation).toBe(2);
      });

      it('of nothing is 404', async () => {
        expect((await failure(applyStatus('nobody', { observedGeneration: 1 }))).code).toBe(404);
      });
    });

    describe('create, replace, delete', () => {
      it('refuses a second of the same name', async () => {
        await client.create(RESOURCES.ConfigMap, config('twice', {}));
        const error = await failure(client.create(RESOURCES.ConfigMap, config('twice', {})));

        expect([error.code, error.reason]).toEqual([409, 'AlreadyExists']);
      });

      it('refuses to replace an older version', async () => {
        const first = await client.create(RESOURCES.ConfigMap, config('versions', { a: '1' }));
        await client.replace(RESOURCES.ConfigMap, { ...first, data: { a: '2' } });
        const error = await failure(client.replace(RESOURCES.ConfigMap, { ...first, data: { a: '3' } }));

        expect([error.code, error.reason]).toEqual([409, 'Conflict']);
      });

      it('creates a Lease that is replaced but not there', async () => {
        const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec: { holderIdentity: 'a' } };
        const metadata = { name: 'gone', namespace, resourceVersion: '5' };
        await client.replace(RESOURCES.Lease, { ...lease, metadata });

        expect(await got(RESOURCES.Lease, 'gone')).toMatchObject({ spec: { holderIdentity: 'a' } });
      });

      it('annotates without touching the rest', async () => {
        await apply(config('annotated', { a: '1' }));
        await client.annotate(RESOURCES.ConfigMap, namespace, 'annotated', { 'ringfleet.io/poke': '1' });
        const after = await got(RESOURCES.ConfigMap, 'annotated');

        expect(after?.metadata.annotations).toEqual({ 'ringfleet.io/poke': '1' });
        expect(after?.['data']).toEqual({ a: '1' });
      });

      it('deletes only the one of that uid', async () => {
        await apply(config('guarded', {}));

        expect(
          await client.delete(RESOURCES.ConfigMap, namespace, 'guarded', '00000000-0000-0000-0000-000000000000'),
        ).toBe(false);
        expect(await got(RESOURCES.ConfigMap, 'guarded')).toBeDefined();
      });

      it('has what an object owned go with it', async () => {
        const owner = await apply(config('owner', {}));
        const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid };
        const child = config('child', {});
        await apply({ ...child, metadata: { ...child.metadata, ownerReferences: [reference] } } as KubeObject);
        await client.delete(RESOURCES.ConfigMap, namespace, 'owner');

        await until(
          'the child is gone',
          async () => (await got(RESOURCES.ConfigMap, 'child')) === undefined || undefined,
          {
            deadlineMs: 60_000,
          },
        );
      });

      it('refuses to create in a namespace that does not exist', async () => {
        const lost = { ...config('lost', {}), metadata: { name: 'lost', namespace: 'no-such-namespace' } };

        expect((await failure(apply(lost))).code).toBe(404);
      });
    });

    describe('lists and watches', () => {
      const path = (): string => pathOf(RESOURCES.ConfigMap, { namespace });
      interface List {
        readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
        readonly items: readonly KubeObject[];
      }

      it('pages a list, by label', async () => {
        for (const id of ['p1', 'p2', 'p3']) await apply(config(id, {}, { page: 'yes' }));
        const query = { labelSelector: 'page=yes', limit: '2' };
        const first = await transport.request<List>('GET', path(), { query });
        const second = await transport.request<List>('GET', path(), {
          query: { ...query, continue: first.metadata.continue ?? '' },
        });

        expect([...first.items, ...second.items].map(({ metadata }) => metadata.name)).toEqual(['p1', 'p2', 'p3']);
        expect(second.metadata.continue).toBeUndefined();
        expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      });

      it('says null for none where only metadata is listed', async () => {
        const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
        const query = { labelSelector: 'nobody=has' };
        const whole = await transport.request<List>('GET', path(), { query });
        const partial = await transport.request<List>('GET', path(), { query, accept });

        expect([whole.items, partial.items]).toEqual([[], null]);
      });

      it('tells from a version on, and what leaves a selection as deleted', async () => {
        const labelSelector = 'watched=yes';
        const { metadata } = await transport.request<List>('GET', path(), { query: { labelSelector, limit: '5' } });
        await apply(config('w1', { a: '1' }, { watched: 'yes' }));
        await apply(config('w1', { a: '2' }, { watched: 'yes' }));
        await apply(config('w1', { a: '2' }));
        const stop = new AbortController();
        const query = { watch: 'true', resourceVersion: metadata.resourceVersion, labelSelector };
        const told: string[] = [];
        for await (const line of transport.lines(path(), query, stop.signal)) {
          const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
          told.push(`${type} ${object.metadata.name}`);
          if (type === 'DELETED') break;
        }
        stop.abort();

        expect(told).toEqual(['ADDED w1', 'MODIFIED w1', 'DELETED w1']);
      });

      // a young real server has forgotten nothing
      if (forgets)
        it('says 410 to a version that is forgotten', async () => {
          const query = { watch: 'true', resourceVersion: '1' };
          const told: unknown[] = [];
          const stop = new AbortController();
          try {
            for await (const line of transport.lines(path(), query, stop.signal)) {
              told.push((JSON.parse(line) as { object: { code?: number } }).object.code);
              break;
            }
          } catch (error) {
            told.push(error instanceof KubeError ? error.code : error);
          }
          stop.abort();

          expect(told).toEqual([410]);
        });
    });
  });
}
