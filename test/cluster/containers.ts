import { environment, kubectl } from './environment.ts';
import { output } from './process.ts';

/** Ends a container's first process as a crash would: with SIGKILL, from the node. */
export async function killContainer(namespace: string, pod: string, container: string): Promise<void> {
  const { own } = environment();
  if (!own) throw new Error('Only a cluster of the tests’ own lets a process be killed from outside');
  const { status } = JSON.parse(await kubectl(['-n', namespace, 'get', 'pod', pod, '-o', 'json']));
  const all: { name: string; containerID?: string }[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ];
  const id = all.find(({ name }) => name === container)?.containerID?.replace('containerd://', '');
  if (!id) throw new Error(`${namespace}/${pod} has no running container ${container}`);
  await output('ctr', `--address=${own.containerd}`, '--namespace=k8s.io', 'tasks', 'kill', '--signal=SIGKILL', id);
}

/** How often kubelet has started it again. */
export async function restarts(namespace: string, pod: string, container: string): Promise<number> {
  const { status } = JSON.parse(await kubectl(['-n', namespace, 'get', 'pod', pod, '-o', 'json']));
  const all: { name: string; restartCount: number }[] = [
    ...(status.initContainerStatuses ?? []),
    ...(status.containerStatuses ?? []),
  ];
  return all.find(({ name }) => name === container)?.restartCount ?? 0;
}
