import { createHash } from 'node:crypto';
import { SettingsWriter } from '../src/core/agent-settings.ts';
import { generationOf } from '../src/core/asterisk/bundle.ts';
import type { Bundle } from '../src/core/plan.ts';

/** The bundle with settings of the agent in it, as the renderer would put them there. */
export function withSettings(bundle: Bundle, open: object, secret: object): Bundle {
  const writer = new SettingsWriter();
  for (const [concern, value] of Object.entries(open)) writer.write(concern, value);
  for (const [concern, value] of Object.entries(secret)) writer.write(concern, value, { secret: true });
  const settings = writer.seal();
  const named = [...settings].map(([key, text]) => ({ key, digest: createHash('sha256').update(text).digest('hex') }));
  const manifest = { ...bundle.manifest, settings: named };
  return { ...bundle, settings, manifest: { ...manifest, generation: generationOf(manifest) } };
}
