import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODE } from './network.ts';

/** How many claims a cluster can fill; a volume is not used twice. */
const VOLUMES = 100;

/**
 * The StorageClass `standard`, without a provisioner: volumes made beforehand, in folders of the node. Local volumes,
 * since for those kubelet gives the folder to the pod's group, as it does for disks.
 */
export async function storage(directory: string, kubectl: (...words: string[]) => Promise<string>): Promise<void> {
  const names = Array.from({ length: VOLUMES }, (_, index) => `volume-${String(index).padStart(3, '0')}`);
  for (const name of names) await mkdir(join(directory, 'volumes', name), { recursive: true });
  const items = [storageClass, ...names.map(name => volume(name, join(directory, 'volumes', name)))];
  const file = join(directory, 'storage.json');
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl('create', '--validate=false', `--filename=${file}`);
}

const storageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'standard', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
};

function volume(name: string, path: string): unknown {
  const expression = { key: 'kubernetes.io/hostname', operator: 'In', values: [NODE.name] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '100Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass.metadata.name,
      persistentVolumeReclaimPolicy: 'Retain',
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } },
    },
  };
}
