import { stringify } from 'yaml';
import type { Format } from './options.ts';

/** An answer in the form that was asked for. */
export interface Answer {
  /** For programs. */
  readonly value: unknown;
  /** For people. */
  readonly lines: (wide: boolean) => readonly string[];
}

export function linesOf({ value, lines }: Answer, format: Format): readonly string[] {
  if (format === 'json') return [JSON.stringify(value, undefined, 2)];
  if (format === 'yaml')
    return [stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false }).trimEnd()];
  return lines(format === 'wide');
}
