import { describe, expect, it, vi } from 'vitest';
import { type ManifestFile, readManifests } from './manifest-file.ts';

const HEAD = 'apiVersion: ringfleet.io/v1alpha1\n';
const user = (name: string, spec: string): string => `${HEAD}kind: SipUser\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const JANE = user('jane', "{extension: '1001', fullName: Jane}");
const JOHN = user('john', "{extension: '1002', fullName: John}");
const BOTH = [JANE, JOHN].join('---\n');
const secret = (rest: string): string => `apiVersion: v1\nkind: Secret\nmetadata: {name: own}\n${rest}\n`;

function names({ objects }: ManifestFile): string[] {
  return objects.map(({ manifest, problem }) => `${problem === undefined ? '' : 'refused '}${manifest.metadata.name}`);
}

function problems(text: string): (string | undefined)[] {
  const { objects, problem } = readManifests(text);
  return [problem, ...objects.map(one => one.problem)].filter(one => one !== undefined);
}

describe('a file of manifests', () => {
  it.each([
    ['that the schema refuses', user('jane', '{extension: abc, fullName: Jane}'), 'spec.extension: '],
    ['with a member that does not exist', user('jane', "{extension: '1009', fulName: Jane}"), ': fulName'],
    ['with a number as a text', user('jane', '{extension: 1001, fullName: Jane}'), 'received number; put it in quotes'],
    [
      'with a number as a label',
      JANE.replace('jane}', 'jane, labels: {floor: 3}}'),
      'metadata.labels.floor: must be a string',
    ],
  ])('says what is wrong with an object %s, and takes the others', (_what, jane, problem) => {
    expect(names(readManifests([jane, JOHN].join('---\n')))).toEqual(['refused jane', 'john']);
    expect(problems(jane)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    ['half written', 'kind: SipUser\nmeta', 'is not YAML: missing char in line 12, column 1; check its indentation'],
    ['half named', 'kind: SipUser\nmetadata:\n', 'document 3 has no metadata.name'],
    ['named by a number', 'kind: SipUser\nmetadata: {name: 7}\n', 'document 3 has no metadata.name that is a string'],
    ['without a kind', 'hello: world\n', 'document 3 has no kind'],
    ['a text', 'hello\n', 'document 3 has no kind'],
    ['of a kind that ours do not have', `${HEAD}kind: SipUsr\nmetadata: {name: x}\n`, 'document 3 is of a kind that'],
    ['not YAML', 'kind: [', 'bad indent in line 11, column 8'],
  ])('is what it was while something in it is %s, and at first what can be read', (_what, more, problem) => {
    const text = `${BOTH}---\n${more}`;

    const changed = readManifests(text.replace('1001', '1009'), readManifests(BOTH));
    expect(names(changed)).toEqual(['jane', 'john']);
    expect(changed.objects[0]?.manifest['spec']).toMatchObject({ extension: '1001' });
    expect(changed.problem).toContain(problem);
    expect(changed.problem).toMatch(/; its last good version stays in force$/);

    const first = readManifests(text);
    expect(names(first)).toEqual(['jane', 'john']);
    expect(first.problem).toContain(problem);
    expect(first.problem).not.toContain('last good version');
    expect(readManifests(BOTH, first)).not.toHaveProperty('problem');
  });

  it('may be what kubectl prints: a list, of objects that are somebody elsewhere', () => {
    const object = `${JANE.replace('jane}', 'jane, uid: 0-1, ownerReferences: [{kind: X, name: x, uid: 0-2}]}')}`;
    const listed = `apiVersion: v1\nkind: List\nitems:\n- ${object.trimEnd().replaceAll('\n', '\n  ')}\n`;
    const [jane] = readManifests(listed).objects;

    expect(jane?.manifest.metadata).toEqual({ name: 'jane', uid: 'SipUser/jane' });
  });

  it.each(['stringData: {pin: "73519"}', 'data: {pin: NzM1MTk=}', 'data: {}', 'data:'])('takes a Secret: %s', rest => {
    expect(problems(secret(rest))).toEqual([]);
  });

  it.each([
    ['a number', 'stringData: {pin: 73519}', 'stringData.pin: must be a string'],
    ['no base64', 'data: {pin: 73519hunter}', 'data.pin: must be base64'],
    ['a key without a blank', 'stringData: {pin:73519hunter}', 'stringData: must be a string'],
    ['a key alone', 'stringData: {hunter73519}', 'stringData: must be a string'],
    ['a template', 'stringData: {pin: {{ hunter73519 }}}', 'stringData.pin: must be a string'],
    ['an alias of nothing', 'stringData: {pin: *hunter73519}', 'a value in it begins with *'],
    ['a text that ends too early', 'stringData: {pin: "hunter"73519}', 'in line 4, column '],
    ['a text that does not end', 'stringData:\n  pin: "hunter73519', 'in line '],
  ])('says of a Secret with %s what is wrong, and nothing of what is in it', (_what, rest, problem) => {
    const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
    const said = problems(secret(rest));

    expect(said).toEqual([expect.stringContaining(problem)]);
    expect(said[0]).not.toMatch(/hunter|73519/);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });

  it('says nothing of a member that is more than a name', () => {
    const [said] = problems(user('jane', "{extension: '1001', fullName: Jane, sip: {password:hunter2}}"));

    expect(said).toBe('spec.sip: has an unknown field');
  });

  it.each(['constructor', '__proto__', 'Deployment'])('passes over a kind called %s, whatever it holds', kind => {
    expect(problems(`kind: ${kind}\nmetadata: {name: x, labels: {version: 3}}\n`)).toEqual([]);
  });
});
