import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { apply, environment, kubectl } from '../environment.ts';
import { METADATA } from '../network.ts';
import { OPERATOR_NAMESPACE, operatorPods } from '../platform.ts';
import { type Pod, restrictedNamespace, startPod } from '../pods.ts';
import { listenIn, reaches, tcp, udp } from '../reach.ts';
import { Tenant } from '../tenant.ts';

/**
 * What the NetworkPolicy keeps apart. That it lets through what must pass is what all the other scenarios show. Each
 * question also asks for something that is open.
 */
const SIP = 5060;
const AGENT = 8443;
const PROBE = 8080;
const MANAGER = 5038;
/** The last of a small tenant's RTP ports: Asterisk begins with others. */
const RTP = 10_159;
const BEYOND_RTP = 10_320;
const OTHER = 7000;
const LOW = 443;
const HIGH = 7443;

let near: Tenant;
let far: Tenant;
let stranger: Pod;
let collector: Pod;
const servers: Server[] = [];
const outside = environment().addresses.at(-1) ?? '127.0.0.1';

const podOf = (tenant: Tenant): Pod => ({ namespace: tenant.name, name: tenant.pod });
const addressOf = async (tenant: Tenant): Promise<string> => (await tenant.get('pod', tenant.pod)).status.podIP;

async function listen(host: string, port: number): Promise<void> {
  const server = createServer(socket => socket.on('error', () => undefined).end());
  servers.push(server);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
}

/** A pod that no policy is about. */
async function bystander(namespace: string, labels: Record<string, string> = {}): Promise<Pod> {
  await restrictedNamespace(namespace, labels);
  return startPod({ namespace, name: 'bystander', command: ['sleep', 'infinity'] });
}

beforeAll(async () => {
  [near, far, stranger, collector] = await Promise.all([
    Tenant.create('near'),
    Tenant.create('far'),
    bystander('reach-stranger'),
    bystander('reach-metrics', { 'ringfleet.io/monitoring': 'true' }),
  ]);
  await Promise.all([near.ready(), far.ready()]);
  await Promise.all([listenIn(podOf(near), [RTP, BEYOND_RTP, OTHER]), listen(outside, LOW), listen(outside, HIGH)]);
  await listen(METADATA, HIGH);
});

afterAll(async () => {
  for (const server of servers) server.close();
  await Promise.all([near?.drop(), far?.drop()]);
  await kubectl(['delete', 'namespace', 'reach-stranger', 'reach-metrics', '--wait=false', '--ignore-not-found']);
});

describe('a tenant’s pod', () => {
  it('is reached for SIP and RTP alone by a pod of another namespace', async () => {
    const pod = await addressOf(near);
    const shut = [AGENT, PROBE, MANAGER, OTHER].map(port => tcp(pod, port));

    await reaches(stranger, {
      open: [tcp(pod, SIP), udp(pod, RTP)],
      shut: [...shut, tcp(pod, RTP), udp(pod, BEYOND_RTP), udp(pod, OTHER)],
    });
  });

  it('is reached for SIP and RTP alone by the PBX of another tenant', async () => {
    const pod = await addressOf(near);
    const shut = [AGENT, PROBE, MANAGER, OTHER].map(port => tcp(pod, port));

    await reaches(podOf(far), {
      open: [tcp(pod, SIP), udp(pod, RTP)],
      shut: [...shut, tcp(pod, RTP), udp(pod, BEYOND_RTP), udp(pod, OTHER)],
    });
  });

  it('has ports that listen where they are shut to others', async () => {
    const pod = await addressOf(near);

    await reaches(podOf(near), {
      open: [
        ...[AGENT, PROBE, OTHER, RTP].map(port => tcp(pod, port)),
        tcp('127.0.0.1', MANAGER),
        udp(pod, BEYOND_RTP),
      ],
      shut: [tcp(pod, MANAGER)],
    });
  });

  it('opens its agent to the operator, and its metrics to who collects them', async () => {
    const pod = await addressOf(near);
    const [name = ''] = await operatorPods();

    const shut = [tcp(pod, MANAGER), tcp(pod, OTHER)];
    await reaches(
      { namespace: OPERATOR_NAMESPACE, name },
      { open: [tcp(pod, AGENT)], shut: [tcp(pod, PROBE), ...shut] },
    );
    await reaches(collector, { open: [tcp(pod, PROBE)], shut: [tcp(pod, AGENT), ...shut] });
  });

  it('reaches the world above port 1023, but nothing below, nor link-local addresses, nor the API server', async () => {
    const slice = JSON.parse(await kubectl(['-n', 'default', 'get', 'endpointslice', 'kubernetes', '-o', 'json']));
    const service = JSON.parse(await kubectl(['-n', 'default', 'get', 'service', 'kubernetes', '-o', 'json']));
    const server = tcp(slice.endpoints[0].addresses[0], slice.ports[0].port);
    const shut = [tcp(outside, LOW), tcp(METADATA, HIGH), server, tcp(service.spec.clusterIP, LOW)];

    await reaches(stranger, { open: [tcp(outside, HIGH), ...shut], shut: [] });
    await reaches(podOf(far), { open: [tcp(outside, HIGH)], shut });
  });

  it('keeps out of the networks of the cluster where the operator is told which they are', async () => {
    const pod = await addressOf(near);
    const { spec } = await far.get('networkpolicy', `${far.name}-pbx`);
    const text = JSON.stringify(spec.egress).replaceAll('"169.254.0.0/16"', `"169.254.0.0/16","${pod}/24"`);
    const labels = { reach: 'fenced' };
    await apply({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { namespace: stranger.namespace, name: 'fenced' },
      spec: { ...spec, podSelector: { matchLabels: labels }, egress: JSON.parse(text) },
    });
    const fenced = await startPod({ ...stranger, name: 'fenced', labels, command: ['sleep', 'infinity'] });

    await reaches(stranger, { open: [tcp(pod, SIP), udp(pod, RTP)], shut: [] });
    await reaches(fenced, { open: [tcp(outside, HIGH)], shut: [tcp(pod, SIP), udp(pod, RTP)] });
  });
});
