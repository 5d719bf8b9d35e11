import { styleText } from 'node:util';
import { plain } from '../../view/table.ts';

type Colour = Parameters<typeof styleText>[0];

/** Coloured where the answer goes to a terminal that wants it (NO_COLOR, FORCE_COLOR), else as it is. */
export function colour(as: Colour, text: string): string {
  return styleText(as, plain(text), { stream: process.stdout });
}
