import { output } from './process.ts';

/**
 * Two network namespaces: the node with its pods, and `outside`, where phones, carriers and the tests live, so that a
 * pod's traffic meets the same address translation as in a real cluster. Neither leads anywhere else, so clusters can
 * run side by side, with the same addresses (of the block for benchmarks).
 */
export const NODE = { name: 'node1', address: '198.18.0.1' } as const;
export const API_SERVER = `https://${NODE.address}:6443`;
/** Addresses that tests bind phones and carriers to. */
export const OUTSIDE_ADDRESSES: readonly string[] = Array.from({ length: 18 }, (_, index) => `198.18.0.${index + 2}`);

/** Where clouds answer with credentials of the machine; here tests do, outside. */
export const METADATA = '169.254.169.254';

/** The network that the cluster was started from, for what still has to come from a mirror. */
export const hostOf = (namespace: string): string => `${namespace}-host`;
export const outsideOf = (namespace: string): string => `${namespace}-out`;

/** Words before a command that is to run in a namespace. `ip netns exec` would hide the cgroup mounts. */
export const inside = (namespace: string): string[] => ['nsenter', `--net=/run/netns/${namespace}`];

export async function makeNetwork(namespace: string): Promise<void> {
  const outside = outsideOf(namespace);
  const ip = (where: string, ...words: string[]): Promise<string> => output('ip', '-n', where, ...words);
  await output('ip', 'netns', 'add', namespace);
  await output('ip', 'netns', 'add', outside);
  await output('ip', 'netns', 'attach', hostOf(namespace), String(process.pid));
  await ip(namespace, 'link', 'set', 'lo', 'up');
  await ip(outside, 'link', 'set', 'lo', 'up');
  await ip(namespace, 'link', 'add', 'node0', 'type', 'veth', 'peer', 'name', 'outside0', 'netns', outside);
  await ip(namespace, 'addr', 'add', `${NODE.address}/24`, 'dev', 'node0');
  await ip(namespace, 'link', 'set', 'node0', 'up');
  for (const address of OUTSIDE_ADDRESSES) await ip(outside, 'addr', 'add', `${address}/24`, 'dev', 'outside0');
  await ip(outside, 'addr', 'add', `${METADATA}/32`, 'dev', 'outside0');
  await ip(outside, 'link', 'set', 'outside0', 'up');
  await ip(outside, 'route', 'add', 'default', 'via', NODE.address);
  // kubelet and the masquerade want a default route; this one leads nowhere
  await ip(namespace, 'route', 'add', 'default', 'dev', 'node0');
  const [nsenter = '', ...words] = inside(namespace);
  await output(nsenter, ...words, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
}

export async function removeNetwork(namespace: string): Promise<void> {
  for (const name of [namespace, outsideOf(namespace), hostOf(namespace)]) {
    await output('ip', 'netns', 'del', name).catch(() => undefined);
  }
}
