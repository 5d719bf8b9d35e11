import { describe, expect, it } from 'vitest';
import { isPlainContact } from './plain-contact.ts';

describe('a contact that is called', () => {
  it.each([
    'sip:1001@192.0.2.7:5060',
    'sip:acme_1001@192.0.2.7:5060;transport=TCP;ob',
    'sip:~kq3v.+1!=*@phone-7.example;rinstance=0a1b2c;line=x-1',
    'sip:a%20b@192.0.2.7',
    'sip:192.0.2.7:5060;alias=10.0.0.5~5060~1',
  ])('%s', uri => {
    expect(isPlainContact(uri)).toBe(true);
  });
});

describe('a contact that is left out', () => {
  it.each([
    'sip:a&Local/0011442079460000@to-number',
    'sip:a&b@192.0.2.7',
    "sip:a'b@192.0.2.7",
    'sip:$[1]@192.0.2.7',
    'sip:(a)@192.0.2.7',
    'sip:a/b@192.0.2.7',
    'sip:a,b@192.0.2.7',
    'sip:a|b@192.0.2.7',
    'sip:a b@192.0.2.7',
    'sip:a"b@192.0.2.7',
    'sip:a<b>@192.0.2.7',
    'sip:a@192.0.2.7?X=y',
    'sip:a@192.0.2.7;x="a b"',
    'sip:a@192.0.2.7;x=a&b',
    'sip:a\r\nb@192.0.2.7',
    'sip:a@192.0.2.7\n',
    'sip:\ufffd@192.0.2.7',
    'sips:a@192.0.2.7',
    'tel:+15550100',
    '<sip:a@192.0.2.7>',
    `sip:${'a'.repeat(300)}@192.0.2.7`,
    '',
  ])('%j', uri => {
    expect(isPlainContact(uri)).toBe(false);
  });
});
