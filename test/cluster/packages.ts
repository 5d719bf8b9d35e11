import { access } from 'node:fs/promises';
import { installPackages, type Say, works } from '../../src/standalone/command.ts';

/** What the cluster takes from Debian, by a file that shows whether it is there. */
const PACKAGES = {
  'etcd-server': '/usr/bin/etcd',
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/ptp',
  iptables: '/usr/sbin/iptables',
  ipset: '/usr/sbin/ipset',
  conntrack: '/usr/sbin/conntrack',
  iproute2: '/usr/bin/ip',
  mmdebstrap: '/usr/bin/mmdebstrap',
  buildah: '/usr/bin/buildah',
  'util-linux': '/usr/bin/nsenter',
} as const;

export async function ensurePackages(say: Say): Promise<void> {
  const missing: string[] = [];
  for (const [name, file] of Object.entries(PACKAGES)) {
    if (
      !(await access(file).then(
        () => true,
        () => false,
      ))
    )
      missing.push(name);
  }
  if (missing.length > 0) await installPackages('A cluster for tests', missing, { say });
  if (!(await works('runc', ['--version']))) throw new Error('runc does not work on this machine');
}
