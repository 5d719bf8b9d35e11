import { type KindInfo, kinds, limitedKinds } from '../api/index.ts';

/**
 * Lists of our kinds inside manifests that are written by hand: the value of a line that ends in `# generated: <list>` is
 * replaced, so that the reasons beside it stay, and no kind is forgotten.
 */
const LISTS: Readonly<Record<string, () => string>> = {
  platform: () => plurals(({ scope }) => scope === 'Cluster'),
  kinds: () => plurals(({ scope }) => scope === 'Namespaced'),
  // the class has no status of its own
  statuses: () => plurals(({ scope }) => scope === 'Namespaced', '/status'),
  own: () => plurals(({ people }) => people === 'own'),
  change: () => plurals(({ people }) => people === 'change'),
  see: () => plurals(({ people }) => people !== 'nothing'),
  // in CEL
  used: () =>
    `"${limitedKinds.map(({ limit }) => `oldObject.?status.usage.${limit.name}.used.orValue(0)`).join(' + ')}"`,
  words: () => `"'${sentence(limitedKinds.map(({ limit }) => limit.words))}'"`,
};

/** Manifests with such lines, from the root of the repository. */
export const WITH_LISTS = ['rbac', 'roles', 'policies'].map(name => `config/operator/${name}.yaml`);

/** The same text with all its lists as they should be. */
export function withLists(text: string): string {
  return text.replace(/^( *(?:- )?\w+: ).* # generated: (\w+)$/gm, (_, member: string, name: string) => {
    const list = LISTS[name];
    if (!list) throw new TypeError(`No list of kinds is called ${name}`);
    return `${member}${list()} # generated: ${name}`;
  });
}

function plurals(wanted: (info: KindInfo) => boolean, subresource = ''): string {
  const names = kinds.filter(wanted).map(({ plural }) => plural + subresource);
  return `[${names.join(', ')}]`;
}

function sentence(words: readonly string[]): string {
  return [words.slice(0, -1).join(', '), ...words.slice(-1)].filter(Boolean).join(' and ');
}
