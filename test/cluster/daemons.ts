import { NODE } from './network.ts';

/** The command lines of the cluster's daemons; paths are relative to its folder. */
export interface Daemon {
  readonly name: string;
  readonly args: readonly string[];
  /** What it needs; default: nothing. */
  readonly after?: 'server' | 'node';
}

const ETCD = 'http://127.0.0.1:2379';
const ETCD_PEER = 'http://127.0.0.1:2380';

const etcd = [
  '--data-dir=etcd',
  `--listen-client-urls=${ETCD}`,
  `--advertise-client-urls=${ETCD}`,
  `--listen-peer-urls=${ETCD_PEER}`,
  `--initial-advertise-peer-urls=${ETCD_PEER}`,
  `--initial-cluster=default=${ETCD_PEER}`,
];

const apiServer = [
  `--etcd-servers=${ETCD}`,
  `--bind-address=${NODE.address}`,
  `--advertise-address=${NODE.address}`,
  '--secure-port=6443',
  '--tls-cert-file=pki/apiserver.crt',
  '--tls-private-key-file=pki/apiserver.key',
  '--client-ca-file=pki/ca.crt',
  '--kubelet-client-certificate=pki/to-kubelet.crt',
  '--kubelet-client-key=pki/to-kubelet.key',
  '--kubelet-preferred-address-types=InternalIP',
  '--service-account-key-file=pki/sa.pub',
  '--service-account-signing-key-file=pki/sa.key',
  '--service-account-issuer=https://kubernetes.default.svc',
  '--service-cluster-ip-range=10.96.0.0/16',
  '--authorization-mode=Node,RBAC',
  '--enable-admission-plugins=NodeRestriction',
];

const controllerManager = [
  '--kubeconfig=kube-controller-manager.kubeconfig',
  '--service-account-private-key-file=pki/sa.key',
  '--root-ca-file=pki/ca.crt',
  '--cluster-signing-cert-file=pki/ca.crt',
  '--cluster-signing-key-file=pki/ca.key',
  '--use-service-account-credentials',
  '--leader-elect=false',
  '--bind-address=127.0.0.1',
];

const scheduler = ['--kubeconfig=kube-scheduler.kubeconfig', '--leader-elect=false', '--bind-address=127.0.0.1'];

const proxy = [
  '--kubeconfig=kube-proxy.kubeconfig',
  `--hostname-override=${NODE.name}`,
  '--cluster-cidr=10.244.0.0/24',
  '--conntrack-max-per-core=0',
  '--proxy-mode=iptables',
];

const router = [
  // it needs to read pods, namespaces, policies and its node, for which there is no role
  '--kubeconfig=admin.kubeconfig',
  `--hostname-override=${NODE.name}`,
  '--service-cluster-ip-range=10.96.0.0/16',
  '--enable-ipv4',
  '--enable-ipv6=false',
];

/** In the order in which they start. */
export function daemons(directory: string): Daemon[] {
  const kubelet = [
    '--config=kubelet.yaml',
    '--kubeconfig=kubelet.kubeconfig',
    // it ends up in mounts, so it must be absolute
    `--root-dir=${directory}/kubelet`,
    `--hostname-override=${NODE.name}`,
    `--node-ip=${NODE.address}`,
  ];
  return [
    { name: 'etcd', args: etcd },
    { name: 'kube-apiserver', args: apiServer },
    { name: 'containerd', args: ['--config=containerd.toml'] },
    { name: 'kube-controller-manager', args: controllerManager, after: 'server' },
    { name: 'kube-scheduler', args: scheduler, after: 'server' },
    { name: 'kubelet', args: kubelet, after: 'server' },
    { name: 'kube-proxy', args: proxy, after: 'server' },
    { name: 'kube-router', args: router, after: 'node' },
  ];
}
