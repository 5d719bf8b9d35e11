import type { Finding } from '../finding.ts';

/**
 * Codecs that this Asterisk passes through but cannot transcode. It would offer them all the same, and when only one side
 * of a call chooses such a codec, the call is refused or ends as it is answered; a phone with no other codec hears no prompt
 * and records no message (measured, Asterisk 22: test/calls/facts/trunks.test.ts). So they are never offered.
 */
const PASS_THROUGH_ONLY: ReadonlySet<string> = new Set(['g729', 'opus']);

/** The codecs of a list that can be offered, or `instead`, and the finding about the others. `field` is for its message. */
export function usableCodecs(
  codecs: readonly string[],
  field: string,
  instead: readonly string[],
): { readonly codecs: readonly string[]; readonly degradation?: Finding; readonly notice?: Finding } {
  const usable = codecs.filter(codec => !PASS_THROUGH_ONLY.has(codec));
  if (usable.length === codecs.length) return { codecs: usable.length > 0 ? usable : instead };
  const left = [...new Set(codecs.filter(codec => PASS_THROUGH_ONLY.has(codec)))].join(' and ');
  const why = `${field}: this PBX cannot convert ${left}, so calls with a phone or carrier that uses another codec would fail`;
  if (usable.length > 0) {
    const message = `${why}; ${left} is not offered, ${usable.join(', ')} is. Remove it from the list`;
    return { codecs: usable, notice: { reason: 'UnsupportedCodec', field, message } };
  }
  const message = `${why}; ${instead.join(', ')} is offered instead. Use g722, alaw, ulaw or gsm`;
  return { codecs: instead, degradation: { reason: 'UnsupportedCodec', field, message } };
}
