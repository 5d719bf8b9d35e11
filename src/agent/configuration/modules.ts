/** Which module reads which file: what must be reloaded when it changes (features.md §4.1, all tried). */
const MODULE_OF: readonly (readonly [RegExp, string])[] = [
  [/^pjsip_/, 'res_pjsip.so'],
  [/^extensions/, 'pbx_config.so'],
  [/^voicemail(_users)?\.conf$/, 'app_voicemail.so'],
  [/^features\.conf$/, 'features'],
  [/^musiconhold\.conf$/, 'res_musiconhold.so'],
  [/^rtp\.conf$/, 'res_rtp_asterisk.so'],
  [/^indications\.conf$/, 'indications'],
  [/^cdr\.conf$/, 'cdr'],
  [/^logger\.conf$/, 'logger'],
];

/** Modules to reload, each once, PJSIP first: a dialplan line may name an endpoint. */
export function modulesFor(files: readonly string[]): string[] {
  const needed = MODULE_OF.filter(([pattern]) => files.some(file => pattern.test(file)));
  return needed.map(([, module]) => module);
}
