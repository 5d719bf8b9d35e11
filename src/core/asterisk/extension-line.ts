import { word } from './escape.ts';

/** An extension of extensions_tenant.conf that sets variables and returns: all that an object says there. */
export function setAll(extension: string, names: readonly string[], values: readonly string[]): string {
  const list = values.map(value => (value === '' ? '' : word(value))).join(',');
  return `exten => ${word(extension)},1,Set(ARRAY(${names.join(',')})=${list})\n same => n,Return()`;
}
