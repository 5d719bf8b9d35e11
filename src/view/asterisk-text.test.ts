import { expect, it } from 'vitest';
import { settle, snapshot, user } from '../../test/snapshots.ts';
import { asteriskTexts } from './asterisk-text.ts';

const users = [user('jane', '1001'), user('john', '1002')];
const { bundle } = settle(snapshot({ users })).plan;
if (!bundle) throw new Error('There is no bundle');

it('is that of one object, of several files', () => {
  const all = asteriskTexts(bundle, 'SipUser/jane');

  expect(all.map(({ file }) => file)).toEqual(expect.arrayContaining(['pjsip_auth.conf', 'pjsip_endpoint.conf']));
  expect(all.map(({ text }) => text).join('')).not.toContain('1002]');
});

it('has neither passwords nor what is made of them', () => {
  const text = asteriskTexts(bundle)
    .map(one => one.text)
    .join('');

  expect(text).toContain('username=acme_1001');
  expect(text).toContain('password_digest=***');
  expect(text).not.toMatch(/password-of|970861|(MD5|SHA-256):[0-9a-f]/);
});
