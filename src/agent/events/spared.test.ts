import { expect, it } from 'vitest';
import { sparedSources } from './spared.ts';

const IDENTIFY = `[acme_t-a]
type=identify
endpoint=acme_t-a
match=198.51.100.0/24
match=203.0.113.5
match = 192.0.2.8/255.255.255.248, 192.0.2.100 ; and its neighbour
match=carrier.example
match=10.0.0.0/33
match=10.0.0.0/255.0.255.0
[acme_t-b-in]
match_header=Authorization: /username="10.9.9.9"/
`;

const contact = (uri: string) => ({
  uri,
  userAgent: '',
  source: '',
  transport: 'UDP',
  since: '',
  state: 'Reachable' as const,
});

const isSpared = sparedSources(IDENTIFY, {
  acme_1001: [contact('sip:a@100.64.0.1:5060;transport=UDP'), contact('sip:a@100.64.0.2')],
  acme_1002: [contact('sip:a@phone.example'), contact('sip:10.8.8.8')],
});

it.each([
  ['127.0.0.1', true],
  ['127.0.0.2', false],
  ['198.51.100.255', true],
  ['198.51.101.0', false],
  ['203.0.113.5', true],
  ['192.0.2.15', true],
  ['192.0.2.16', false],
  ['192.0.2.100', true],
  ['10.0.0.1', false],
  ['10.9.9.9', false],
  ['100.64.0.1', true],
  ['100.64.0.2', true],
  ['10.8.8.8', false],
])('%s is spared: %s', (source, spared) => {
  expect(isSpared(source)).toBe(spared);
});
