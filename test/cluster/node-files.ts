import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE } from './network.ts';

/** The files that containerd, its network plugins and kubelet read. Everything lies in the cluster's folder. */
export async function writeNodeFiles(directory: string, name: string): Promise<void> {
  await mkdir(join(directory, 'cni'), { recursive: true });
  await writeFile(join(directory, 'cni/10-pods.conflist'), JSON.stringify(cni(directory, name)));
  await writeFile(join(directory, 'containerd.toml'), containerd(directory));
  // YAML is a superset of JSON
  await writeFile(join(directory, 'kubelet.yaml'), JSON.stringify(kubelet(directory, name)));
}

/** Routed, not bridged: between pods of a bridge the answers of a Service would pass untranslated. */
function cni(directory: string, name: string): unknown {
  return {
    cniVersion: '0.4.0',
    name,
    plugins: [
      {
        type: 'ptp',
        ipMasq: true,
        ipam: {
          type: 'host-local',
          dataDir: join(directory, 'addresses'),
          ranges: [[{ subnet: '10.244.0.0/24' }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

// restrict_oom_score_adj: without CAP_SYS_RESOURCE every pod fails with "can't get final child's PID from pipe".
function containerd(directory: string): string {
  return `version = 2
root = "${directory}/containerd/root"
state = "${directory}/containerd/state"
[grpc]
  address = "${directory}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "ringfleet.local/pause:test"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${directory}/cni"
`;
}

function kubelet(directory: string, name: string): unknown {
  const pki = (file: string): string => join(directory, 'pki', file);
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: NODE.address,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: pki('ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${name}`,
    podLogsDir: join(directory, 'pods'),
    volumePluginDir: join(directory, 'plugins'),
    failSwapOn: false,
    failCgroupV1: false,
    enforceNodeAllocatable: [],
    // the disk is the developer's, and half full
    evictionHard: {},
    imageGCHighThresholdPercent: 100,
    maxPods: 200,
    clusterDNS: ['10.96.0.10'],
    clusterDomain: 'cluster.local',
    resolvConf: '/dev/null',
    containerRuntimeEndpoint: `unix://${directory}/containerd.sock`,
    tlsCertFile: pki('kubelet-serving.crt'),
    tlsPrivateKeyFile: pki('kubelet-serving.key'),
  };
}
