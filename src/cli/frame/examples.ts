/** For the end of a help: lines to copy, each with what it does. */
export function examples(name: string, lines: readonly (readonly [words: string, what: string])[]): string {
  return ['', 'Examples:', ...lines.flatMap(([words, what]) => [`  # ${what}`, `  ${name} ${words}`])].join('\n');
}
