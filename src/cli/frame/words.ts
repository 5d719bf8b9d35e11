/**
 * The command line before it is parsed. A directory may stand first, for what is in its manifests instead of a cluster
 * (`ringfleet DIR status`), and options may stand before the verb, as people write them to kubectl.
 */
export interface Words {
  readonly directory?: string;
  /** The verb first. */
  readonly rest: readonly string[];
}

/** `takesValue`: whether the option, as it is written, is followed by its value. */
export function arrange(
  words: readonly string[],
  isVerb: (word: string) => boolean,
  takesValue: (option: string) => boolean,
): Words {
  const leading: string[] = [];
  let at = 0;
  for (let word = words[at]; word?.startsWith('-') && word !== '--' && word !== '-'; word = words[at]) {
    leading.push(word);
    at++;
    const value = words[at];
    if (takesValue(word) && value !== undefined) {
      leading.push(value);
      at++;
    }
  }
  const [first, ...others] = words.slice(at);
  if (first === undefined) return { rest: leading };
  if (isVerb(first)) return { rest: [first, ...withOptions(others, leading)] };
  const [verb, ...more] = others;
  return { directory: first, rest: verb === undefined ? leading : [verb, ...withOptions(more, leading)] };
}

/** Options go before a `--`: what is behind it are no options. */
function withOptions(words: readonly string[], options: readonly string[]): string[] {
  const end = words.indexOf('--');
  return end < 0 ? [...words, ...options] : [...words.slice(0, end), ...options, ...words.slice(end)];
}
