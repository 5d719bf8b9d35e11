import { readdir, readFile } from 'node:fs/promises';
import { type KubeObject, RESOURCES } from '../../src/kube/resource.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { environment } from '../cluster/environment.ts';
import { install } from '../cluster/platform.ts';
import { ClusterClient } from './cluster-client.ts';
import { pidOf, podUse } from './pod-use.ts';
import { megabytes, type Row } from './table.ts';

/**
 * What a tenant costs in which nothing happens, beside a bare Asterisk: the same image and the same files, and nobody who
 * asks it anything. Two of its threads wake up every ten milliseconds, whatever is done.
 */
const REST_MS = 30_000;
const WATCHED_MS = 120_000;
const NAME = 'bench-idle';
const AGENT_MOST = 0.003;
const ABOVE_BARE_MOST = 0.003;

export async function idlePodRows(say: (line: string) => void): Promise<Row[]> {
  await install();
  const client = await ClusterClient.open();
  try {
    return [await idlePodRow(client, say)];
  } finally {
    await client.close();
  }
}

async function idlePodRow(client: ClusterClient, say: (line: string) => void): Promise<Row> {
  await client.tenant(NAME, 50);
  await client.users(NAME, 0, 2);
  await client.isReady('Organization', NAME, NAME);
  const uid = await client.sees('the pod', podNamed(`${NAME}-pbx-0`), uidOf);
  const bareUid = await bareAsterisk(client, uid);
  say(`Watching an idle pod and a bare Asterisk for ${WATCHED_MS / 60_000} minutes`);
  await systemClock.sleep(REST_MS);
  const [pod, bare] = await Promise.all([podUse(uid, WATCHED_MS), podUse(bareUid, WATCHED_MS)]);
  await client.remove(NAME);
  const { agent, asterisk, cpu, agentCpu } = pod;
  const rss = agent + asterisk;
  return {
    what: 'idle tenant pod, agent + Asterisk',
    goal: '≤ 140 MB RSS, agent ≤ 0.3 % of a core, pod ≤ bare Asterisk + 0.3 %',
    measured:
      `${megabytes(rss)} (${megabytes(agent)} + ${megabytes(asterisk)}), ` +
      `agent ${percent(agentCpu)}, pod ${percent(cpu)}, bare Asterisk ${percent(bare.cpu)} and ${megabytes(bare.asterisk)}`,
    met: rss <= 140 * 1024 ** 2 && agentCpu <= AGENT_MOST && cpu <= bare.cpu + ABOVE_BARE_MOST,
    numbers: { rss, agent, asterisk, cpu, agentCpu, bareCpu: bare.cpu, bareRss: bare.asterisk },
  };
}

/** The uid of a pod with an Asterisk that has the files of another pod's, and is up. */
async function bareAsterisk(client: ClusterClient, from: string): Promise<string> {
  const files = await filesOf(from);
  const metadata = { name: 'bare', namespace: NAME };
  await client.kube.apply({ apiVersion: 'v1', kind: 'Secret', metadata, data: files } as KubeObject, 'bench');
  const places = ['/run/asterisk', '/var/log/asterisk', '/tmp', '/var/lib/ringfleet/state', '/var/spool/asterisk'];
  const mounts = places.map((mountPath, i) => ({ name: `place-${i}`, mountPath }));
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 },
      containers: [
        {
          name: 'asterisk',
          image: environment().images.pbx,
          imagePullPolicy: 'IfNotPresent',
          command: ['asterisk', '-f', '-C', '/etc/asterisk/asterisk.conf'],
          volumeMounts: [...mounts, { name: 'config', mountPath: '/etc/asterisk', readOnly: true }],
        },
      ],
      hostAliases: [{ ip: '::1', hostnames: ['bare'] }],
      volumes: [
        ...mounts.map(({ name }) => ({ name, emptyDir: {} })),
        { name: 'config', secret: { secretName: 'bare' } },
      ],
    },
  };
  await client.kube.apply(pod as KubeObject, 'bench');
  const uid = await client.sees('the bare Asterisk', podNamed('bare'), uidOf);
  await until('the bare Asterisk to run', () => pidOf(uid, 'asterisk -f'), { deadlineMs: 60_000 });
  return uid;
}

/** Asterisk's files in a pod on this machine, by name, in base64. */
async function filesOf(uid: string): Promise<Record<string, string>> {
  const folder = `/proc/${await pidOf(uid, 'asterisk -f')}/root/etc/asterisk`;
  const names = await readdir(folder);
  const texts = await Promise.all(names.map(name => readFile(`${folder}/${name}`, 'base64')));
  return Object.fromEntries(names.map((name, i) => [name, texts[i] ?? '']));
}

function podNamed(name: string): { type: typeof RESOURCES.Pod; namespace: string; name: string } {
  return { type: RESOURCES.Pod, namespace: NAME, name };
}

function uidOf({ metadata }: KubeObject): string | undefined {
  return metadata.uid;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
