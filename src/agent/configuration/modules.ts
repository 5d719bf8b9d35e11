import { asteriskFile, RELOADABLE, type Reloadable } from '../../api/asterisk-files.ts';

/** Files of an operator of a later release: they are of these families, or nothing of this Asterisk reads them. */
const FAMILIES: readonly (readonly [RegExp, Reloadable])[] = [
  [/^pjsip_/, 'res_pjsip.so'],
  [/^extensions/, 'pbx_config.so'],
];

/** What must be reloaded when these files changed, each once, in the order in which it has to be. */
export function modulesFor(files: readonly string[]): Reloadable[] {
  const needed = new Set(files.map(moduleOf));
  return RELOADABLE.filter(module => needed.has(module));
}

function moduleOf(name: string): Reloadable | undefined {
  const known = asteriskFile(name);
  return known ? known.module : FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
