import { createHash } from 'node:crypto';
import { generationOf } from '../src/core/asterisk/bundle.ts';
import type { Bundle } from '../src/core/plan.ts';

/** Changes the text of one of Asterisk's files in a bundle and makes all digests match again. */
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
  return { ...bundle, texts, manifest: { ...manifest, generation: generationOf(manifest) } };
}
