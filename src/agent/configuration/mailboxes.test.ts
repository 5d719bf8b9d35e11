import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AmiClient } from '../ami/client.ts';
import { leftBehind, Mailboxes } from './mailboxes.ts';
import { type Section, sectionsOfFragment } from './sections.ts';

const JANES = 'a'.repeat(24);
const JOHNS = 'b'.repeat(24);

function sections(...people: readonly [name: string, mailbox: string][]): Section[] {
  const text = people.map(([name, box]) => `;@ SipUser/${name} uid-${name}\n[default](+)\n${box} => 1234,X,,,\n`);
  return sectionsOfFragment('voicemail_users.conf.001', text.join(''));
}

describe('mailboxes that are left behind', () => {
  it.each<[string, { purge?: string[]; idle?: string[]; sections?: Section[] }, string[]]>([
    ['of who is in the bundle: none', { sections: sections(['jane', JANES]) }, []],
    ['of who is in it and bears the mark: none', { purge: [JANES], sections: sections(['jane', JANES]) }, []],
    ['of who is disabled and bears the mark: none', { purge: [JANES] }, []],
    ['of who is disabled and bears it no more: none', { idle: [JANES] }, []],
    ['of who is gone: hers', {}, [JANES]],
    ['of who is gone, beside one who is not: hers', { purge: [JOHNS], sections: sections(['john', JOHNS]) }, [JANES]],
  ])('%s', (_what, { purge = [], idle = [], sections: text = [] }, left) => {
    expect(leftBehind([JANES], { purge, idle }, text)).toEqual(left);
  });
});

describe('the agent', () => {
  let root: string;
  let state: string;
  let spool: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ringfleet-mailboxes-'));
    [state, spool] = [join(root, 'state'), join(root, 'spool')];
  });

  afterEach(() => rm(root, { recursive: true }));

  const place = (name: string): string => join(spool, 'voicemail/default', name);

  async function put(...names: readonly string[]): Promise<void> {
    for (const name of names) {
      await mkdir(dirname(place(name)), { recursive: true });
      await writeFile(place(name), name);
    }
  }

  /** Files with what they were written as. */
  async function all(): Promise<Record<string, string>> {
    const names = await readdir(place(''), { recursive: true, withFileTypes: true }).catch(() => []);
    const files = names.filter(one => one.isFile()).map(one => join(one.parentPath, one.name));
    const texts = await Promise.all(
      files.map(async file => [file.slice(place('.').length + 1), await readFile(file, 'utf8')] as const),
    );
    return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async function begun(owners: Record<string, string> = {}): Promise<Mailboxes> {
    const mailboxes = new Mailboxes({ state, spool });
    await mailboxes.loadState(new Map(Object.entries(owners)));
    return mailboxes;
  }

  describe('of mailboxes by extension', () => {
    const owners = { acme_1001: 'uid-jane', acme_1002: 'uid-john', 'acme_t-1003': 'uid-line' };

    it('moves each to who had it when it first looked, however late she is in force', async () => {
      await put('1001/INBOX/msg0000.txt', '1002/unavail.wav', '1003/unavail.wav');
      const mailboxes = await begun(owners);
      await mailboxes.moveToOwners(sections(['jane', '1001'], ['john', JOHNS])); // her last good text is in force still
      const later = await begun({ acme_1001: 'uid-mary', acme_1003: 'uid-zoe' });
      await later.moveToOwners(sections(['jane', JANES], ['mary', 'c'.repeat(24)], ['zoe', 'd'.repeat(24)]));

      expect(await all()).toEqual({
        [`${JANES}/INBOX/msg0000.txt`]: '1001/INBOX/msg0000.txt',
        [`${JOHNS}/unavail.wav`]: '1002/unavail.wav',
        '1003/unavail.wav': '1003/unavail.wav',
      });
    });

    it('puts messages behind those that are there, also when it was cut off in one before', async () => {
      await put('1001/INBOX/msg0000.txt', '1001/INBOX/msg0001.txt', '1001/INBOX/msg0001.wav', '1001/secret.conf');
      await put(`${JANES}/INBOX/msg0000.txt`, `${JANES}/INBOX/msg0000.wav`, `${JANES}/INBOX/msg0001.wav`);
      await put(`${JANES}/secret.conf`, '1001/greet.wav', '1001/Old/msg0000.txt', '1001/Old/msg0000.wav');
      const mailboxes = await begun(owners);

      await mailboxes.moveToOwners(sections(['jane', JANES]));

      expect(await all()).toEqual({
        [`${JANES}/INBOX/msg0000.txt`]: `${JANES}/INBOX/msg0000.txt`,
        [`${JANES}/INBOX/msg0000.wav`]: `${JANES}/INBOX/msg0000.wav`,
        [`${JANES}/INBOX/msg0001.txt`]: '1001/INBOX/msg0000.txt',
        [`${JANES}/INBOX/msg0001.wav`]: `${JANES}/INBOX/msg0001.wav`, // of 1001/INBOX/msg0000, where it was cut off
        [`${JANES}/INBOX/msg0002.txt`]: '1001/INBOX/msg0001.txt',
        [`${JANES}/INBOX/msg0002.wav`]: '1001/INBOX/msg0001.wav',
        [`${JANES}/Old/msg0000.txt`]: '1001/Old/msg0000.txt',
        [`${JANES}/Old/msg0000.wav`]: '1001/Old/msg0000.wav',
        [`${JANES}/greet.wav`]: '1001/greet.wav',
        [`${JANES}/secret.conf`]: `${JANES}/secret.conf`,
      });
    });

    it('does it before it forgets it', async () => {
      await put('1001/unavail.wav');
      await (await begun(owners)).moveToOwners([]); // nobody is in force, and the agent ends

      await (await begun()).moveToOwners(sections(['jane', JANES]));

      expect(Object.keys(await all())).toEqual([`${JANES}/unavail.wav`]);
    });
  });

  describe('of a mailbox that goes with its user', () => {
    let rows: { ApplicationData?: string }[];
    const deleted: unknown[] = [];
    const client = {
      list: async () => rows,
      action: async (...all: unknown[]) => void deleted.push(all),
    } as unknown as AmiClient;
    const bundle = (purge: string[] | undefined, text: Section[]) => {
      const mailboxes = purge && { purge, idle: [] };
      return { manifest: { mailboxes }, sections: text } as unknown as Parameters<Mailboxes['setWanted']>[0];
    };
    const hers = sections(['jane', JANES]);

    beforeEach(async () => {
      rows = [];
      deleted.length = 0;
      await put(`${JANES}/secret.conf`, `${JOHNS}/secret.conf`);
    });

    async function told(): Promise<Mailboxes> {
      const mailboxes = await begun();
      mailboxes.setWanted(bundle([JANES], hers));
      expect(await mailboxes.purge(client, hers)).toBe(true);
      return mailboxes;
    }

    it('deletes it once she is gone, and what was counted of it, and no other', async () => {
      const mailboxes = await told();
      mailboxes.setWanted(bundle([], []));

      expect(await mailboxes.purge(client, [])).toBe(true);

      expect(Object.keys(await all())).toEqual([`${JOHNS}/secret.conf`]);
      expect(deleted).toEqual([['DBDel', { Family: 'rf-pin', Key: JANES }]]);
    });

    it('deletes it in its next life, when it was told in this one', async () => {
      await told();
      const mailboxes = await begun();
      mailboxes.setWanted(bundle([], []));

      await mailboxes.purge(client, []);

      expect(Object.keys(await all())).toEqual([`${JOHNS}/secret.conf`]);
    });

    it('keeps it as long as her last good text is in force', async () => {
      const mailboxes = await told();
      mailboxes.setWanted(bundle([], []));

      await mailboxes.purge(client, hers);

      expect(Object.keys(await all())).toHaveLength(2);
    });

    it('waits for a call that is in it', async () => {
      const mailboxes = await told();
      mailboxes.setWanted(bundle([], []));
      rows = [{}, { ApplicationData: `${JANES}@default,u` }];
      expect(await mailboxes.purge(client, [])).toBe(false);
      expect(Object.keys(await all())).toHaveLength(2);

      rows = [];
      expect(await mailboxes.purge(client, [])).toBe(true);
      expect(Object.keys(await all())).toHaveLength(1);
    });

    it('deletes nothing by the word of an operator that does not know of it', async () => {
      const mailboxes = await told();
      mailboxes.setWanted(bundle(undefined, []));
      await mailboxes.purge(client, []);
      expect(Object.keys(await all())).toHaveLength(2);

      mailboxes.setWanted(bundle([], [])); // a newer one again, and she is gone
      await mailboxes.purge(client, []);
      expect(Object.keys(await all())).toHaveLength(1);
    });
  });
});
