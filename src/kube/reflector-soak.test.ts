import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeApiServer } from '../../test/fake-apiserver/server.ts';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import { createLogger } from '../runtime/log.ts';
import { Reflector } from './reflector.ts';
import { type KubeObject, RESOURCES } from './resource.ts';
import { Transport } from './transport.ts';

/** Faults of all kinds in any order, among writes: in the end the store, and who only listened, know what is there. */
const configmaps = { plural: 'configmaps' };
const log = createLogger('test', 'silent');
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), name, value: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 20_000 }) }) },
  fc.record({
    do: fc.constant('cut' as const),
    how: fc.constantFrom('end', 'reset', 'mid-line', 'gone', 'error', 'garbage' as const),
  }),
  fc.record({
    do: fc.constant('fault' as const),
    how: fc.constantFrom('cut-before', 'cut-mid-body', 'cut-after', 'stall' as const),
    times: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ do: fc.constant('refuse' as const), code: fc.constantFrom(401, 410, 429, 500, 503) }),
  fc.record({ do: fc.constantFrom('stall', 'compact', 'backup', 'restore', 'freeze', 'thaw') }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class World {
  readonly clock = new FakeClock();
  readonly server = new FakeApiServer({ clock: this.clock, namespaces: ['acme'], history: 20 });
  readonly heard = new Map<string, string>();
  #backup = this.server.backup();
  #value = 0;

  take(step: Step): Promise<void> | void {
    const { server } = this;
    if (step.do === 'wait') return this.clock.advance(step.ms);
    if (step.do === 'put') this.#put(step.name);
    else if (step.do === 'delete' && server.get('ConfigMap', 'acme', step.name))
      server.delete('ConfigMap', 'acme', step.name);
    else if (step.do === 'cut') server.watches.cut(step.how, configmaps);
    else if (step.do === 'fault') server.faults.inject(configmaps, { how: step.how }, step.times);
    else if (step.do === 'refuse')
      server.faults.refuse(configmaps, step.code, step.code === 410 ? 'Expired' : 'Injected');
    else if (step.do === 'stall') server.watches.stall(configmaps);
    else if (step.do === 'compact') server.compact();
    else if (step.do === 'backup') this.#backup = server.backup();
    else if (step.do === 'restore') server.restore(this.#backup);
    else if (step.do === 'freeze') server.freeze();
    else if (step.do === 'thaw') server.thaw();
  }

  follow(reflector: Reflector): void {
    reflector.store.onChange(({ type, object }) => {
      if (type === 'deleted') this.heard.delete(object.metadata.name);
      else this.heard.set(object.metadata.name, versionOf(object));
    });
  }

  get there(): string[] {
    return this.server.list('ConfigMap').map(object => `${object.metadata.name} ${versionOf(object as KubeObject)}`);
  }

  #put(id: string): void {
    this.#value++;
    const data = { value: String(this.#value) };
    this.server.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id, namespace: 'acme' }, data });
  }
}

const versionOf = ({ metadata }: KubeObject): string => `${metadata.uid} ${metadata.resourceVersion}`;

async function soaked(steps: readonly Step[]): Promise<void> {
  const world = new World();
  const { clock, server } = world;
  await server.listen();
  const transport = new Transport(server.access(), clock, undefined, () => 0.5);
  const reflector = new Reflector({ type: RESOURCES.ConfigMap, transport, clock, log, random: () => 0.5 });
  world.follow(reflector);
  const stop = new AbortController();
  const ended = reflector.run(stop.signal).catch(() => undefined);
  for (const one of steps) await world.take(one);
  server.thaw();
  server.faults.clear();
  const known = (): string[] => [...reflector.store.all()].map(one => `${one.metadata.name} ${versionOf(one)}`).sort();
  await clock
    .until('the store equals the server', () => known().join() === world.there.join(), {
      stepMs: 60_000,
      limitMs: 3 * 3_600_000,
    })
    .finally(async () => {
      stop.abort();
      await ended;
      await transport.close();
      await server.stop();
      await settle();
    });

  expect([...world.heard].map(([id, version]) => `${id} ${version}`).sort()).toEqual(world.there);
  expect(clock.sleepers).toBe(0);
}

it('knows in the end what is there, whatever went wrong on the way', { timeout: 60_000 }, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), soaked), { numRuns: 80, endOnFailure: true });
});
