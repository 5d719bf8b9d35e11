import { asteriskFile, RELOADABLE, type Reloadable } from '../../api/asterisk-files.ts';

/** Modules by pattern, for files of a later release that are not in the table. Asterisk does not read any others. */
const FAMILIES: readonly (readonly [RegExp, Reloadable])[] = [
  [/^pjsip_/, 'res_pjsip.so'],
  [/^extensions/, 'pbx_config.so'],
];

/** The modules that must be reloaded when these files changed, each once, in the necessary order. */
export function modulesFor(files: readonly string[]): Reloadable[] {
  const needed = new Set(files.map(moduleOf));
  return RELOADABLE.filter(module => needed.has(module));
}

function moduleOf(name: string): Reloadable | undefined {
  const known = asteriskFile(name);
  return known ? known.module : FAMILIES.find(([pattern]) => pattern.test(name))?.[1];
}
