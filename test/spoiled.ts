import { createHash } from 'node:crypto';
import { sectionsOfFragment } from '../src/agent/configuration/sections.ts';
import { generationOf } from '../src/core/asterisk/bundle.ts';
import type { Bundle } from '../src/core/plan.ts';

/** Changes the text of one of Asterisk's files in a bundle, as if it had been written so: all digests match again. */
export function spoiled(bundle: Bundle, file: string, change: (text: string) => string): Bundle {
  const texts = new Map(
    [...bundle.texts].map(([key, text]) => [key, key.startsWith(`${file}.`) ? change(text) : text]),
  );
  const fragments = bundle.manifest.fragments.map(fragment => ({
    ...fragment,
    digest: createHash('sha256')
      .update(texts.get(fragment.key) ?? '')
      .digest('hex'),
  }));
  const manifest = { ...bundle.manifest, fragments };
  const parts = [...texts].sort().flatMap(([key, text]) => sectionsOfFragment(key, text));
  const objects = { of: (object: string) => parts.filter(({ owner }) => owner === object) };
  return { ...bundle, texts, objects, manifest: { ...manifest, generation: generationOf(manifest) } };
}
