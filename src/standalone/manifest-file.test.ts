import { describe, expect, it } from 'vitest';
import { type ManifestFile, readManifests } from './manifest-file.ts';

const HEAD = 'apiVersion: ringfleet.io/v1alpha1\n';
const user = (name: string, spec: string): string => `${HEAD}kind: SipUser\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const JANE = user('jane', "{extension: '1001', fullName: Jane}");
const JOHN = user('john', "{extension: '1002', fullName: John}");
const both = (jane: string): string => [jane, JOHN].join('---\n');
const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: own}\n${rest}\n`;

function extensions({ objects }: ManifestFile): Record<string, unknown> {
  return Object.fromEntries(
    objects.map(({ manifest, problem }) => {
      const { extension } = (manifest['spec'] ?? {}) as { extension?: unknown };
      return [manifest.metadata.name, problem === undefined ? extension : 'refused'];
    }),
  );
}

describe('a file of manifests', () => {
  it.each([
    ['that the schema refuses', user('jane', '{extension: abc, fullName: Jane}'), 'SipUser/jane: spec.extension: '],
    ['with a member that nobody knows', user('jane', "{extension: '1009', fulName: Jane}"), 'SipUser/jane: spec: '],
    ['with a number as a label', JANE.replace('jane}', 'jane, labels: {floor: 3}}'), 'metadata.labels.floor: '],
  ])('keeps the last good version of an object %s, and takes the others', (_what, jane, complaint) => {
    const later = JOHN.replace('1002', '1003');
    const file = readManifests([jane, later].join('---\n'), readManifests(both(JANE)));

    expect(extensions(file)).toEqual({ jane: '1001', john: '1003' });
    expect(file.complaints).toEqual([expect.stringContaining(complaint)]);
    expect(file.complaints[0]).toMatch(/; its last good version stays in force$/);
  });

  it('keeps it however often it is broken, and takes it when it is mended', () => {
    const broken = readManifests(both(user('jane', '{extension: 1}')), readManifests(both(JANE)));
    const worse = readManifests(both('kind: ['), broken);
    const again = readManifests(both(user('jane', '{extension: 2}')), worse);
    expect(extensions(again)).toEqual({ jane: '1001', john: '1002' });

    const mended = readManifests(both(JANE.replace('1001', '1005')), again);
    expect(extensions(mended)).toEqual({ jane: '1005', john: '1002' });
    expect(mended.complaints).toEqual([]);
  });

  it('has no version of before that was refused itself', () => {
    const first = readManifests(user('jane', '{extension: 1}'));
    expect(extensions(first)).toEqual({ jane: 'refused' });
    expect(first.complaints).toEqual([expect.stringMatching(/^SipUser\/jane is ignored: spec\.extension: /)]);

    expect(extensions(readManifests(user('jane', '{extension: 2}'), first))).toEqual({ jane: 'refused' });
  });

  it.each([
    ['half written', `${both(JANE)}---\nkind: SipUser\nmeta`, 'missing char in line 12, column 1'],
    ['half named', `${both(JANE)}---\nkind: SipUser\nmetadata:\n`, 'something in it has no kind or no metadata.name'],
    ['not YAML', `${both(JANE)}---\nkind: [`, 'bad indent in line 11, column 8'],
    ['a list', '- a\n- b\n', 'something in it has no kind or no metadata.name'],
    ['text', 'hello\n', 'something in it has no kind or no metadata.name'],
  ])('keeps all of it while it is %s', (_what, text, complaint) => {
    const file = readManifests(text, readManifests(both(JANE)));

    expect(extensions(file)).toEqual({ jane: '1001', john: '1002' });
    expect(file.complaints).toEqual([`${complaint}; its last good version stays in force`]);
  });

  it('may be what kubectl prints: a list, of objects that are somebody elsewhere', () => {
    const object = `${JANE.replace('jane}', 'jane, uid: 0-1, ownerReferences: [{kind: X, name: x, uid: 0-2}]}')}`;
    const listed = `apiVersion: v1\nkind: List\nitems:\n- ${object.trimEnd().replaceAll('\n', '\n  ')}\n`;
    const [jane] = readManifests(listed).objects;

    expect(jane?.manifest.metadata).toEqual({ name: 'jane', uid: 'SipUser/jane' });
  });

  it.each([
    ['a number', 'stringData: {pin: 73519}', 'Secret/own is ignored: stringData.pin: '],
    ['an alias of nothing', 'stringData: {pin: *73519}', 'something in it begins with *'],
    ['a text that ends too early', 'stringData: {pin: "73"519}', 'in line 4, column '],
    ['a text that does not end', 'stringData:\n  pin: "73519', 'in line '],
  ])('says of a Secret with %s what is wrong, and nothing of what is in it', (_what, rest, complaint) => {
    const { complaints } = readManifests(secret(rest));

    expect(complaints).toEqual([expect.stringContaining(complaint)]);
    expect(complaints[0]).not.toMatch(/73|519/);
  });

  it.each(['constructor', '__proto__', 'toString'])('passes over a kind called %s', kind => {
    const { objects, complaints } = readManifests(`kind: ${kind}\nmetadata: {name: x}\n`);

    expect(objects.map(({ problem }) => problem)).toEqual([undefined]);
    expect(complaints).toEqual([]);
  });
});
