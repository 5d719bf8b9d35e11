/**
 * The only ways by which text of a user comes into Asterisk's files. Allow-lists, not escapes: what is not known to be
 * harmless becomes a space, so no input, printable or not, can end a value, open a section or start a comment
 * (features.md T12: `;` cuts a value, `[`, `#include` and a line break change the structure).
 */
const NOT_DISPLAY = /[^\p{L}\p{M}\p{N} .,'’()\-_&/+@]/gu;
const NOT_DIRECTORY = /[^\p{L}\p{M}\p{N} .'’()\-_&/]/gu;

function clean(text: string, forbidden: RegExp, length: number): string {
  return [...text.normalize('NFC').replace(forbidden, ' ').replace(/ +/g, ' ').trim()].slice(0, length).join('').trim();
}

/** A display name for pjsip.conf: at most 64 characters. */
export function displayName(text: string): string {
  return clean(text, NOT_DISPLAY, 64);
}

/** A name for voicemail.conf, where a comma would split the line. */
export function directoryName(text: string): string {
  return clean(text, NOT_DIRECTORY, 64);
}

/** As long as a domain name may be. */
const WORD = /^[A-Za-z0-9_.:+*#@/-]{1,253}$/;

/** A word of the dialplan or an option's value: refuses instead of cleaning, since a changed one would mean another thing. */
export function word(text: string): string {
  if (!WORD.test(text)) throw new UnsafeWordError(text);
  return text;
}

/** A value that must not reach Asterisk's files, which the evaluation should have refused. The message does not quote it: it may be secret. */
export class UnsafeWordError extends Error {
  readonly #text: string;

  constructor(text: string) {
    super('A value with characters outside the allow-list reached the renderer');
    this.name = 'UnsafeWordError';
    this.#text = text;
  }

  /** Where in an object the value stands, or what of it is unsafe, as `spec.servers.0.host`; undefined: nowhere. */
  pathIn(value: unknown, path: string): string | undefined {
    if (typeof value === 'string')
      return value !== '' && !WORD.test(value) && this.#text.includes(value) ? path : undefined;
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [member, inner] of Object.entries(value)) {
      const found = this.pathIn(inner, `${path}.${member}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/**
 * A credential for pjsip.conf (trunks need it in clear). A line break is refused; `;` is escaped as Asterisk reads it, and
 * a blank, which it drops, keeps `=` and `>` from being one sign.
 */
export function secretValue(text: string): string {
  if (!/^[\x20-\x7e]{1,128}$/.test(text) || text.trim() !== text || text.endsWith('\\'))
    throw new UnsafeWordError(text);
  return `${text.startsWith('>') ? ' ' : ''}${text.replaceAll(';', '\\;')}`;
}
