import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dialplanText } from './dialplan.ts';

it('the text of the dialplan is not stale', async () => {
  const present = await readFile(join(import.meta.dirname, '../core/dialplan/text.gen.ts'), 'utf8');

  expect(dialplanText() === present, 'run npm run generate').toBe(true);
});
