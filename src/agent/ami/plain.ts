/** Text for conditions, logs and terminals: invisible characters and those that control a terminal become U+FFFD. */
export function plain(text: string, most: number): string {
  return text
    .trim()
    .slice(0, most)
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
