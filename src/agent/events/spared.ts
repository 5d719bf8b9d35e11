import { BlockList, isIPv4 } from 'node:net';
import type { AgentReport } from '../../api/report.ts';

/**
 * Addresses that are never banned, since anybody can forge them as the source of packets. Pure. They are those of carriers
 * (`match` in pjsip_identify.conf), those of registered contacts, whose logins a restarted agent has not seen, and that of
 * the own probe.
 */
export function sparedSources(identify: string, contacts: AgentReport['contacts']): (source: string) => boolean {
  const list = new BlockList();
  list.addAddress('127.0.0.1');
  for (const [, matches = ''] of identify.matchAll(/^\s*match\s*=>?\s*([^;\n]*)/gm)) {
    for (const one of matches.split(',')) addNetwork(list, one.trim());
  }
  for (const { uri } of Object.values(contacts).flat()) {
    const host = /@([0-9.]+)(?:[:;>?]|$)/.exec(uri)?.[1] ?? '';
    if (isIPv4(host)) list.addAddress(host);
  }
  return source => list.check(source);
}

/** An address, or a network with the length or the mask of its prefix. */
function addNetwork(list: BlockList, text: string): void {
  const [network = '', prefix = '32', ...more] = text.split('/');
  if (!isIPv4(network) || more.length > 0) return;
  const length = isIPv4(prefix) ? lengthOf(prefix) : Number(prefix);
  if (Number.isInteger(length) && length >= 0 && length <= 32) list.addSubnet(network, length);
}

/** The prefix length of a mask such as 255.255.255.0. */
function lengthOf(mask: string): number {
  const bits = mask
    .split('.')
    .map(part => Number(part).toString(2).padStart(8, '0'))
    .join('');
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : Number.NaN;
}
