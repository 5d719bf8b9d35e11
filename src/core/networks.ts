/** IPv4 networks: the addresses by which calls of trunks are identified. */

export interface Network {
  /** As an unsigned number, with the bits beyond the prefix cleared. */
  readonly address: number;
  /** Length of the prefix, 0 to 32. */
  readonly bits: number;
}

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** `203.0.113.7` or `203.0.113.0/24`; undefined for anything else, also for IPv6. */
export function ipv4Network(text: string): Network | undefined {
  const match = IPV4.exec(text);
  if (!match) return undefined;
  const octets = match.slice(1, 5).map(Number);
  const bits = match[5] === undefined ? 32 : Number(match[5]);
  if (bits > 32 || octets.some(octet => octet > 255)) return undefined;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const size = 2 ** (32 - bits);
  return { address: Math.floor(address / size) * size, bits };
}

/** Whether two networks have an address in common. */
export function overlap(one: Network, other: Network): boolean {
  const size = 2 ** (32 - Math.min(one.bits, other.bits));
  return Math.floor(one.address / size) === Math.floor(other.address / size);
}
