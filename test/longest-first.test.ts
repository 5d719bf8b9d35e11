import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LONGEST } from './longest-first.ts';

it.each(LONGEST)('%s, which is to begin early, is there', async name => {
  await expect(access(join(import.meta.dirname, '..', name))).resolves.toBeUndefined();
});
