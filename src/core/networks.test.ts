import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ipv4Network, overlap } from './networks.ts';

describe('ipv4Network', () => {
  it.each([
    ['203.0.113.7', 32],
    ['203.0.113.7/24', 24],
    ['0.0.0.0/0', 0],
    ['255.255.255.255/32', 32],
  ])('reads %s', (text, bits) => {
    expect(ipv4Network(text)?.bits).toBe(bits);
  });

  it.each([
    '999.1.1.1',
    '1.1.1',
    '1.1.1.1/33',
    '1.1.1.1/',
    '1.1.1.1:5060',
    '::1',
    '2001:db8::/32',
    'a.example',
    '',
  ])('is not %j', text => {
    expect(ipv4Network(text)).toBeUndefined();
  });

  it('is the same for every address of it', () => {
    expect(ipv4Network('203.0.113.7/24')).toEqual(ipv4Network('203.0.113.0/24'));
  });
});

const octet = fc.integer({ min: 0, max: 255 });
const network = fc
  .tuple(octet, octet, octet, octet, fc.integer({ min: 0, max: 32 }))
  .map(([a, b, c, d, bits]) => `${a}.${b}.${c}.${d}/${bits}`);

describe('overlap', () => {
  it.each([
    ['10.0.0.0/8', '10.1.2.3', true],
    ['0.0.0.0/0', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['128.0.0.0/1', '127.255.255.255', false],
  ])('of %s and %s is %s', (one, other, expected) => {
    const [a, b] = [ipv4Network(one), ipv4Network(other)];
    expect(a && b && overlap(a, b)).toBe(expected);
  });

  it('holds both ways, and is that of the wider one’s prefix in bits', () => {
    fc.assert(
      fc.property(network, network, (one, other) => {
        const [a, b] = [ipv4Network(one), ipv4Network(other)];
        if (!a || !b) throw new Error('Each is a network');
        const bits = (text: string): string =>
          (text.split('/')[0] ?? '')
            .split('.')
            .map(part => Number(part).toString(2).padStart(8, '0'))
            .join('')
            .slice(0, Math.min(a.bits, b.bits));
        expect(overlap(a, b)).toBe(bits(one) === bits(other));
        expect(overlap(b, a)).toBe(overlap(a, b));
      }),
    );
  });
});
