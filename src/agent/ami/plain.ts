/** For conditions, logs and terminals: characters that nobody sees or that steer a terminal are shown as U+FFFD. */
export function plain(text: string, most: number): string {
  return text
    .trim()
    .slice(0, most)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
