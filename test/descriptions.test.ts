import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Project, SyntaxKind } from 'ts-morph';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kinds } from '../src/api/index.ts';
import { TO_COME as location } from '../src/core/kinds/location/not-yet.ts';
import { TO_COME as organization } from '../src/core/kinds/organization/not-yet.ts';
import { TO_COME as phoneNumber } from '../src/core/kinds/phone-number/not-yet.ts';
import { TO_COME as sipUser } from '../src/core/kinds/sip-user/not-yet.ts';
import { TO_COME as trunk } from '../src/core/kinds/trunk/not-yet.ts';
import { generatedFiles } from '../src/tools/crds.ts';

/** What `kubectl explain` prints, and other texts that users read. */

const root = join(import.meta.dirname, '..');

/** Users and phones are called that. */
const SHE = /\b(she|her|hers|herself)\b/i;

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

interface Field {
  readonly name: string;
  /** With `[]` for the elements of a list. */
  readonly path: string;
  readonly description: string;
}

/** These the API server describes itself, whatever the CRD says. */
const OF_THE_SERVER = ['apiVersion', 'kind', 'metadata'];

function fieldsOf(node: Node, name: string, path = ''): Field[] {
  const members = Object.entries(node.properties ?? {}).filter(
    ([member]) => path !== '' || !OF_THE_SERVER.includes(member),
  );
  return [
    { name, path, description: node.description ?? '' },
    ...members.flatMap(([member, child]) => fieldsOf(child, member, path === '' ? member : `${path}.${member}`)),
    ...(node.items ? fieldsOf(node.items, name, `${path}[]`) : []),
  ];
}

interface Crd {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Node } }] };
}

const crds = kinds.map(({ kind, plural }) => {
  const crd = parse(generatedFiles().get(`crds/ringfleet.io_${plural}.yaml`) ?? '') as Crd;
  return [kind, fieldsOf(crd.spec.versions[0].schema.openAPIV3Schema, kind)] as const;
});

const FEWEST_WORDS = 4;
const EMPTY_WORDS = new Set('a an the of in on to for and or is are this that its it whether name'.split(' '));

function wordsOf(text: string): string[] {
  return text.split(/[^\p{L}\p{N}]+/u).filter(word => word !== '');
}

/** `maxContacts` is `max contacts`: what only says this again says nothing. */
function saysMoreThanItsName({ name, description }: Field): boolean {
  const own = wordsOf(name.replace(/([A-Z])/g, ' $1')).map(stem);
  return wordsOf(description).some(word => !EMPTY_WORDS.has(word.toLowerCase()) && !own.includes(stem(word)));
}

function stem(word: string): string {
  return word.toLowerCase().replace(/s$/, '');
}

function failing(fields: readonly Field[], isGood: (field: Field) => boolean): string[] {
  return fields.filter(field => !isGood(field)).map(({ path, description }) => `${path}: ${description}`);
}

const NO_EFFECT = /no effect in this release/;

/** What has no effect yet: the lists by which objects say so at run time. */
const TO_COME: Readonly<Record<string, readonly string[]>> = {
  Organization: organization,
  SipUser: sipUser,
  PhoneNumber: phoneNumber,
  Trunk: trunk,
  Location: location,
};

interface ToCome {
  readonly path: string;
  /** Undefined: any. */
  readonly value: string | undefined;
}

function toCome(kind: string): readonly ToCome[] {
  return (TO_COME[kind] ?? []).map(entry => {
    const [path = '', value] = entry.replace('!', '').split('=');
    return { path: `spec.${path}`, value };
  });
}

it('knows all lists of what has no effect yet', () => {
  const lists = globSync('src/core/kinds/*/not-yet.ts', { cwd: root });

  expect(lists).toHaveLength(Object.keys(TO_COME).length + 1); // that of a class is of defaults for users alone
});

/** A destination's members are judged one by one, wherever it stands; a kind of Service too. */
const SAID_ELSEWHERE = /\.(alias|queue|ringGroup|menu|conference|schedule|bot|playback|signalling\.type)$/;

describe.each(crds)('kubectl explain of %s', (kind, fields) => {
  it('has a description of each field, in whole sentences', () => {
    const isSentence = ({ description }: Field): boolean =>
      wordsOf(description).length >= FEWEST_WORDS && /[.)]$/.test(description) && /^\p{Lu}/u.test(description);

    expect(failing(fields, isSentence)).toEqual([]);
  });

  it('says more of a field than its name', () => {
    expect(failing(fields, saysMoreThanItsName)).toEqual([]);
  });

  it('says the user and the phone, not she', () => {
    expect(failing(fields, ({ description }) => !SHE.test(description))).toEqual([]);
  });

  it('says of a field to come that it has no effect, and of no other', () => {
    const plain = fields.map(field => ({ ...field, path: field.path.replaceAll('[]', '') }));
    const later = toCome(kind);
    const saysSo = ({ path, value }: ToCome): boolean =>
      plain.some(
        field =>
          field.path === path &&
          NO_EFFECT.test(field.description) &&
          (value === undefined || field.description.includes(value) || /Accepted, but/.test(field.description)),
      );
    const promised = plain.filter(
      ({ path, description }) =>
        path.startsWith('spec.') &&
        !path.startsWith('spec.defaults.') &&
        !path.startsWith('spec.ceilings.') &&
        NO_EFFECT.test(description) &&
        !SAID_ELSEWHERE.test(path) &&
        !later.some(one => one.path === path),
    );

    expect(later.filter(one => !saysSo(one))).toEqual([]);
    expect(promised.map(({ path }) => path)).toEqual([]);
  });
});

it('says the user and the phone, not she, in all messages', () => {
  const project = new Project({ tsConfigFilePath: join(root, 'tsconfig.json'), skipAddingFilesFromTsConfig: true });
  const sources = project.addSourceFilesAtPaths([join(root, 'src/**/*.ts'), `!${join(root, 'src/**/*.test.ts')}`]);
  const texts = sources
    .filter(source => !source.getBaseName().endsWith('.gen.ts')) // the dialplan, with its comments
    .flatMap(source =>
      [
        SyntaxKind.StringLiteral,
        SyntaxKind.NoSubstitutionTemplateLiteral,
        SyntaxKind.TemplateHead,
        SyntaxKind.TemplateMiddle,
        SyntaxKind.TemplateTail,
      ].flatMap(syntax =>
        source.getDescendantsOfKind(syntax).map(node => `${source.getBaseName()}: ${node.getText()}`),
      ),
    );

  expect(texts.length).toBeGreaterThan(2_000);
  expect(texts.filter(text => SHE.test(text))).toEqual([]);
});

it.each([
  'README.md',
  'CONTRIBUTING.md',
  'config/operator/rbac.yaml',
  'config/operator/roles.yaml',
  'config/operator/policies.yaml',
  'config/operator/deployment.yaml',
])('says the user and the phone, not she, in %s', file => {
  const lines = readFileSync(join(root, file), 'utf8').split('\n');

  expect(lines.filter(line => SHE.test(line))).toEqual([]);
});
