import { describe, expect, it } from 'vitest';
import { wholeDialplan } from '../../../test/dialplan/engine.ts';
import { made } from '../../../test/dialplan/flow.ts';
import { stepsOf } from '../../../test/dialplan/parse.ts';
import {
  endsAtEntries,
  isGuarded,
  isReached,
  isRead,
  isSet,
  targetsExist,
  waysEnd,
} from '../../../test/dialplan/rules.ts';
import { snapshot, user } from '../../../test/snapshots.ts';
import { LONGEST_CONTACT, PLAIN_CONTACT } from '../../api/plain-contact.ts';
import { WORDS } from '../kinds/index.ts';
import { CONCERNS, renderEngine } from './engine.ts';
import { TEXT } from './text.gen.ts';

/**
 * What can be known of the dialplan without an Asterisk (test/dialplan). test/calls/facts asks Asterisk's documentation
 * for options, and an Asterisk for functions and applications.
 */
const { dialplan, terms, endpoints } = wholeDialplan();
const nobody = wholeDialplan({ tenant: snapshot() }).dialplan;
const engineSteps = stepsOf(dialplan).filter(({ context }) => !terms.data.includes(context));

describe('the engine', () => {
  it('is the golden one: each change of it rolls every PBX', async () => {
    await expect(renderEngine()).toMatchFileSnapshot('./engine.golden.conf');
  });

  it('is all files of the folder, short ones, without a sign that an editor would stumble over', () => {
    expect([...CONCERNS].sort()).toEqual(Object.keys(TEXT).sort());
    for (const [concern, text] of Object.entries(TEXT)) {
      expect(text, concern).toMatch(/[^\n]\n$/);
      expect(text, concern).not.toMatch(/\\[${]|\r|\t| $|\n\n\n/m);
      expect(text.split('\n').length, concern).toBeLessThanOrEqual(150);
    }
  });

  it('is read to the last line', () => {
    expect(dialplan.wrong).toEqual([]);
    expect(engineSteps.length).toBeGreaterThan(400);
    expect(renderEngine().match(/^(exten =>| same =>)/gm)).toHaveLength(engineSteps.length);
  });

  it('goes on only where there is something, whatever the tenant has', () => {
    expect(targetsExist(dialplan)).toEqual([]);
    expect(targetsExist(nobody)).toEqual([]);
    expect(WORDS.filter(kind => !dialplan.contexts.has(`to-${kind}`))).toEqual([]);
  });

  it('ends each way, and a routine by a return or by the end of the call', () => {
    expect(waysEnd(dialplan, terms)).toEqual([]);
  });

  it('has nothing that no way leads to', () => {
    expect(isReached(dialplan, terms)).toEqual([]);
  });

  it('admits a call at an entry and refuses it everywhere else, unless it was admitted', () => {
    expect(isGuarded(dialplan, terms)).toEqual([]);
    for (const { context } of terms.entries)
      expect(renderEngine()).toMatch(
        new RegExp(`\\[${context}\\]\\nexten => [^\\n]*(\\n same => n[^\\n]*)*Set\\(RF_IN=1\\)`),
      );
    expect(renderEngine().match(/Set\(_*RF_IN=/g)).toHaveLength(terms.entries.length);
    expect(endpoints).toMatch(/^context=from-user$/m);
    expect(endsAtEntries(endpoints, dialplan, terms)).toEqual([]);
  });

  it('reads no variable that may not be set, except where nothing is an answer too', () => {
    expect(isSet(dialplan, terms)).toEqual([]);
    expect(engineSteps.flatMap(step => made(step).reads).length).toBeGreaterThan(300);
  });

  it('sets no variable that nothing reads', () => {
    expect(isRead(dialplan, terms)).toEqual([]);
  });
});

describe('what the engine and others know', () => {
  it('is one text of a plain contact, and how long one may be', () => {
    expect(TEXT.contacts).toContain(`{REGEX("${PLAIN_CONTACT.replace(';', '\\;')}" `);
    expect(TEXT.contacts).toContain(`{LEN(\${uri})} > ${LONGEST_CONTACT}]`);
  });

  it('is how many contacts one user may have', () => {
    const most = Number(/Set\(LOCAL\(left\)=(\d+)\)/.exec(TEXT.contacts)?.[1]);

    expect(user('jane', '1001', { sip: { maxContacts: most } }).spec.sip?.maxContacts).toBe(most);
    expect(() => user('jane', '1001', { sip: { maxContacts: most + 1 } })).toThrow('maxContacts');
  });

  it('is one limit of hops, wherever it is asked for', () => {
    const limits = [...renderEngine().matchAll(/\$\{RF_HOPS\} > (\d+)\]|took more than (\d+) hops/g)];

    expect(new Set(limits.map(([, asked, told]) => asked ?? told)).size).toBe(1);
    expect(limits.length).toBeGreaterThan(2);
  });

  it('is which variables the data sets', () => {
    const read = new Set(engineSteps.flatMap(step => made(step).reads.map(({ name }) => name)));
    const set = stepsOf(dialplan)
      .filter(({ context }) => ['users', 'trunks'].includes(context))
      .flatMap(({ args }) => [...(/ARRAY\(([^)]*)\)/.exec(args)?.[1]?.split(',') ?? [])]);

    expect(set.length).toBeGreaterThan(20);
    expect(set.filter(name => !read.has(name))).toEqual([]);
  });
});
