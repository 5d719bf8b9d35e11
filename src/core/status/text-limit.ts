/**
 * Cuts a text that a phone, a carrier or Asterisk chose. The API server would reject the whole status for one text that is
 * longer than the schema allows.
 */
export function cut(text: string, longest: number): string {
  return text.slice(0, longest).toWellFormed(); // the server would replace half a surrogate pair, and the status would differ with every pass
}
