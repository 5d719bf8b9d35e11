import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The dialplan's text as a module: the core reads no files, and what runs may be one bundle or the sources. `npm run
 * generate` writes it to src/core/dialplan/text.gen.ts.
 */
const FOLDER = join(import.meta.dirname, '../core/dialplan');

/**
 * The text of text.gen.ts: each file `<concern>.conf` under its concern. The golden file is no part of the dialplan. Comments
 * stay here: a changed text of the engine rolls every PBX, and a better comment is no reason for that.
 */
export function dialplanText(): string {
  const files = readdirSync(FOLDER)
    .filter(name => /^[a-z-]+\.conf$/.test(name))
    .sort();
  const members = files.map(name => {
    const text = JSON.stringify(withoutComments(readFileSync(join(FOLDER, name), 'utf8')));
    return `  ${JSON.stringify(name.replace('.conf', ''))}: ${text},\n`;
  });
  return `// Made by \`npm run generate\` (src/tools/dialplan.ts) from the .conf files beside. Do not edit.
/** By concern. */
export const TEXT = {
${members.join('')}} as const;
`;
}

function withoutComments(text: string): string {
  return `${text
    .replace(/^;.*\n/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}
