import { expect, it } from 'vitest';
import { crdSchema } from '../api/crd-schema.ts';
import { organizationSchema } from '../api/index.ts';
import { inherit } from './inheritance.ts';

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly maxProperties?: number;
}

/** Names of the members of a schema that hold exactly one member. */
function choices(node: Node): string[] {
  const inner = Object.entries(node.properties ?? {}).flatMap(([name, child]) => [
    ...(child.maxProperties === 1 ? [name] : []),
    ...choices(child),
  ]);
  return [...inner, ...(node.items ? choices(node.items) : [])];
}

const spec = (crdSchema(organizationSchema) as Node).properties?.['spec'];
const inheritable = [...new Set(choices(spec?.properties?.['userDefaults'] ?? {}))];

it('there are settings that are choices', () => {
  expect(inheritable.length).toBeGreaterThan(3);
});

it.each(inheritable)('%s is taken whole from the nearest: two would be no choice', name => {
  expect(inherit([{ [name]: { near: 1 } }, { [name]: { far: 2 } }])).toEqual({ [name]: { near: 1 } });
});

it('all else is merged member by member, and lists are taken whole', () => {
  const layers = [{ sip: { codecs: ['alaw'] } }, { sip: { codecs: ['g722', 'ulaw'], transport: 'TCP' } }, undefined];

  expect(inherit(layers)).toEqual({ sip: { codecs: ['alaw'], transport: 'TCP' } });
});
