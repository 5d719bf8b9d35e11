import type { Finding } from '../finding.ts';

/**
 * Codecs that Asterisk only hands on here: it has nothing that turns them into others. It offers them all the same to
 * everybody who may have them, and when one side chooses such a codec and the other does not, the call is refused or ends
 * as it is answered; who speaks nothing else hears no prompt and leaves no message (measured, Asterisk 22:
 * test/calls/facts/trunks.test.ts). So they are not offered at all, and that is said.
 */
const ONLY_HANDED_ON: ReadonlySet<string> = new Set(['g729', 'opus']);

/** The codecs of a list that can be offered, and what must be said of the others. */
export function usableCodecs(
  codecs: readonly string[],
  field: string,
  instead: readonly string[],
): { readonly codecs: readonly string[]; readonly degradation?: Finding; readonly notice?: Finding } {
  const usable = codecs.filter(codec => !ONLY_HANDED_ON.has(codec));
  if (usable.length === codecs.length) return { codecs: usable.length > 0 ? usable : instead };
  const left = [...new Set(codecs.filter(codec => ONLY_HANDED_ON.has(codec)))].join(' and ');
  const why = `${field}: this PBX cannot convert ${left}, so calls with whoever speaks another codec would fail`;
  if (usable.length > 0) {
    const message = `${why}; ${left} is not offered, ${usable.join(', ')} is. Remove it from the list`;
    return { codecs: usable, notice: { reason: 'UnsupportedCodec', field, message } };
  }
  const message = `${why}; ${instead.join(', ')} is offered instead. Use g722, alaw, ulaw or gsm`;
  return { codecs: instead, degradation: { reason: 'UnsupportedCodec', field, message } };
}
