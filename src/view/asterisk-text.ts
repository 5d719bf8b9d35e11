import { fileOf, MARKER } from '../api/bundle.ts';
import type { Bundle } from '../core/plan.ts';

/** A file of Asterisk, or the part of it that is about one object. */
export interface AsteriskText {
  readonly file: string;
  readonly text: string;
}

/** The text of a bundle by file, without secrets. `object` (`SipUser/jane`): only what is about it. */
export function asteriskTexts(
  { manifest, texts }: Pick<Bundle, 'manifest' | 'texts'>,
  object?: string,
): AsteriskText[] {
  const files = new Map<string, string>();
  for (const { key, secret } of [...manifest.fragments].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    const parts = (texts.get(key) ?? '').split(new RegExp(`^(?=${MARKER})`, 'm'));
    const text = parts.filter(part => object === undefined || ownerOf(part) === object).join('');
    const file = fileOf(key);
    if (text !== '') files.set(file, (files.get(file) ?? '') + (secret ? masked(text) : text));
  }
  return [...files].map(([file, text]) => ({ file, text }));
}

function ownerOf(part: string): string {
  return part.slice(MARKER.length).split(/[ \n]/, 1)[0] ?? '';
}

/** What may be shown of a file with secrets in it. */
const OPEN: ReadonlySet<string> = new Set([
  'auth_type',
  'nonce_lifetime',
  'realm',
  'supported_algorithms_uac',
  'supported_algorithms_uas',
  'type',
  'username',
]);

/** An allow-list: a setting that is added later is hidden until somebody lets it be shown. */
function masked(text: string): string {
  return text
    .replace(/^([^;[\s=]+)=(?!>).*$/gm, (line, name: string) => (OPEN.has(name) ? line : `${name}=***`))
    .replace(/^(\S+ => ).*$/gm, '$1***');
}

export function asteriskLines(all: readonly AsteriskText[]): string[] {
  return all.flatMap(({ file, text }) => [`; ${file}`, text]);
}
