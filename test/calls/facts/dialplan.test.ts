import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { modulesConf } from '../../../src/core/asterisk/static-files.ts';
import { ensureRootfs } from '../../../src/standalone/asterisk/rootfs.ts';
import { type Documentation, readDocumentation } from '../../dialplan/documentation.ts';
import { wholeDialplan } from '../../dialplan/engine.ts';
import { LEFT } from '../../dialplan/flow.ts';
import { isKnown } from '../../dialplan/known.ts';

/**
 * What the dialplan uses is what Debian's Asterisk has, by the documentation that its package brings: Asterisk itself says
 * nothing of a letter among the options of an application that it does not know, and does without.
 */
const modules = new Set([...modulesConf().matchAll(/^load=(\w+)\.so$/gm)].map(([, name = '']) => name));
let documentation: Documentation;

beforeAll(async () => {
  const rootfs = await ensureRootfs(line => console.log(line));
  documentation = readDocumentation(await readFile(rootfs.documentation, 'utf8'));
});

describe('the dialplan', () => {
  it('uses applications, functions, options and words that Asterisk has, of modules that are loaded', () => {
    expect(documentation.applications.size).toBeGreaterThan(150);
    expect(documentation.functions.size).toBeGreaterThan(150);
    expect(isKnown(wholeDialplan().dialplan, documentation, modules)).toEqual([]);
  });

  it.each([
    ['Dial(${RF_CONTACTS},${RF_RING},${RF_OPT}ib(', 'Dial(${RF_CONTACTS},${RF_RING},${RF_OPT}iY(', 'Y('],
    ['Set(RF_OPT=I)', 'Set(RF_OPT=J)', 'J'],
    [',noanswer)', ',no_answer)', 'no_answer'],
    ['VoiceMailMain(${RF_BOX}@default,s)', 'VoiceMailMain(${RF_BOX}@default,x)', 'x'],
    ['Set(RF_VM=b)', 'Set(RF_VM=q)', 'q'],
    ['CHANNEL(channeltype)', 'CHANNEL(channel_type)', 'channel_type'],
    ['CHANNEL(pjsip,remote_tag)', 'CHANNEL(pjsip,their_tag)', 'their_tag'],
    ['CALLERID(num-pres)', 'CALLERID(number-pres)', 'number-pres'],
    ['PJSIP_CONTACT(${id},uri)', 'PJSIP_CONTACT(${id},url)', 'url'],
    ['PJSIP_AOR(${U_ID},contact)', 'PJSIP_AOR(${U_ID},contacts)', 'contacts'],
    [',exists)', ',there)', 'there'],
    ['SoftHangup(', 'SoftHangUp(', 'SoftHangUp'],
    ['STRREPLACE(', 'REPLACED(', 'REPLACED'],
    ['TOLOWER(', 'DENOISE(', 'not loaded'],
  ])('would not be let through with %s as %s', (right, wrongly, problem) => {
    const { engine } = wholeDialplan();
    expect(engine).toContain(right);
    const { dialplan } = wholeDialplan({ engine: engine.replaceAll(right, wrongly) });
    const found = isKnown(dialplan, documentation, modules).join('\n');

    expect(found).toContain(problem);
  });

  it('finds behind an application the variables that its reader expects', () => {
    const { Gosub, ...left } = LEFT; // Return leaves it, by its own text
    const missing = Object.entries(left).flatMap(([name, variables]) =>
      variables.filter(one => !documentation.applications.get(name)?.variables.includes(one)),
    );

    expect(Gosub).toEqual(['GOSUB_RETVAL']);
    expect(missing).toEqual([]);
  });
});
