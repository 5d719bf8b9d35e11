import { expect, it } from 'vitest';
import { parseProxy } from './sip-proxy.ts';

it.each([
  ['p.example', { host: 'p.example' }],
  ['p.example:5060', { host: 'p.example', port: 5060 }],
  ['192.0.2.7:5070;transport=tcp', { host: '192.0.2.7', port: 5070, transport: 'TCP' }],
  ['sip:p.example;transport=TCP', { host: 'p.example', transport: 'TCP' }],
  ['SIP:p.example:5060;lr', { host: 'p.example', port: 5060 }],
  ['p.example;lr;transport=udp', { host: 'p.example', transport: 'UDP' }],
  ['p.example;lr=on;', { host: 'p.example' }],
])('%s is taken apart', (text, proxy) => {
  expect(parseProxy(text)).toEqual({ proxy });
});

it.each([
  ['sips:p.example', 'sips'],
  ['p.example;transport=tls', 'tls'],
  ['p.example;transport', 'transport'],
  ['p.example;maddr=192.0.2.1', 'maddr'],
  ['p.example:0', 'port 0'],
  ['p.example:70000', 'port 70000'],
  ['p.example:abc', 'not a host'],
  [';transport=tcp', 'not a host'],
  ['p.example-', 'not a host'],
  ['sip:', 'not a host'],
])('%s is refused, with the reason', (text, word) => {
  const parsed = parseProxy(text);
  expect('wrong' in parsed && parsed.wrong).toContain(word);
});
