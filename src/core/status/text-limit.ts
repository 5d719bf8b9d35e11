/** Words of phones, carriers and Asterisk are as long as they like; one too long for the schema loses the whole status. */
export function cut(text: string, longest: number): string {
  return text.slice(0, longest).toWellFormed(); // half a character would come back as another one, and be written for ever
}
