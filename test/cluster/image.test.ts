import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDockerfile } from './buildah.ts';
import { environment, kubectl } from './environment.ts';
import { execIn, type Pod, restrictedNamespace, startPod } from './pods.ts';

/** The images: those that tests use, and those that the Dockerfile makes. */

const NAMESPACE = `image-${process.pid}`;
const BUILT = { pbx: 'ringfleet.local/pbx:built', operator: 'ringfleet.local/operator:built' };
const { own, images } = environment();

const FOLDERS = ['/etc/asterisk', '/run/asterisk', '/var/log/asterisk', '/var/spool/asterisk', '/tmp'];
const FORBIDDEN = /kubernetes|locales\/de/;

/** Asterisk's own files, with the places that a pod of ours has. */
const CONFIGURATION = `[directories]
astetcdir => /etc/asterisk
astvarlibdir => /tmp
astdbdir => /tmp
astkeydir => /tmp
astdatadir => /usr/share/asterisk
astspooldir => /var/spool/asterisk
astrundir => /run/asterisk
astlogdir => /var/log/asterisk
`;

beforeAll(async () => {
  await restrictedNamespace(NAMESPACE);
  if (own) await buildDockerfile(BUILT, own, console.log);
});

afterAll(() => kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']));

function both(stage: 'pbx' | 'operator'): { title: string; image: string }[] {
  const built = { title: 'of the Dockerfile', image: BUILT[stage] };
  return [{ title: 'of the tests', image: images[stage] }, ...(own ? [built] : [])];
}

describe.each(both('pbx'))('the pbx image $title', ({ title, image }) => {
  const pod: Pod = { namespace: NAMESPACE, name: `pbx-${title.replaceAll(' ', '-').toLowerCase()}` };

  beforeAll(() => startPod({ ...pod, image, folders: FOLDERS, command: ['tini', '--', 'sleep', '600'] }));

  it('boots Asterisk on a read-only root', async () => {
    await execIn(pod, ['tee', '/etc/asterisk/asterisk.conf'], CONFIGURATION);
    await execIn(pod, ['tee', '/etc/asterisk/modules.conf'], '[modules]\nautoload=yes\n');
    await execIn(pod, ['sh', '-c', 'asterisk -f -C /etc/asterisk/asterisk.conf > /tmp/words 2>&1 &']);

    const ask = ['asterisk', '-C', '/etc/asterisk/asterisk.conf', '-rx', 'core show version'];
    const answer = (): Promise<string> => execIn(pod, ask).catch(() => '');
    await expect.poll(answer, { timeout: 20_000 }).toMatch(/^Asterisk 22\./);
  });

  it('has no more of the documentation than Asterisk needs, and no less', async () => {
    const file = '/usr/share/asterisk/documentation/core-en_US.xml';
    expect(Number(await execIn(pod, ['stat', '-c', '%s', file]))).toBeLessThan(400_000);
    const words = await execIn(pod, ['cat', '/tmp/words']);
    expect(words).toContain('Asterisk Ready');
    expect(words).not.toMatch(/documentation/i);
  });

  it('has the prompts and the music', async () => {
    await execIn(pod, ['test', '-s', '/usr/share/asterisk/sounds/en/vm-intro.gsm']);
    expect(await execIn(pod, ['ls', '/usr/share/asterisk/moh'])).not.toBe('');
  });

  it('has nothing that makes a process another user', async () => {
    expect(await execIn(pod, ['sh', '-c', 'find / -xdev -type f -perm /6000 2>/dev/null || true'])).toBe('');
  });

  it('has an agent, and phones for a test, of a sane size, and no node_modules', async () => {
    const agent = await execIn(pod, ['cat', '/opt/ringfleet/agent.js']);
    const phones = await execIn(pod, ['cat', '/opt/ringfleet/phones.js']);
    const usage = await execIn(pod, ['sh', '-c', 'node /opt/ringfleet/agent.js 2>&1 || true']);

    expect(usage).toContain('usage: agent');
    for (const bundle of [agent, phones]) {
      expect(bundle.length).toBeLessThan(1_000_000);
      expect(bundle).not.toMatch(FORBIDDEN);
    }
    const files = await execIn(pod, ['sh', '-c', 'ls /opt/ringfleet | sort | xargs']);
    expect(files).toBe('agent.js package.json phones.js\n');
  });
});

it.each(both('operator'))('the operator image $title runs', async ({ title, image }) => {
  const name = `operator-${title.replaceAll(' ', '-').toLowerCase()}`;
  const pod = await startPod({ namespace: NAMESPACE, name, image, command: ['sleep', '600'] });

  const help = await execIn(pod, ['node', '/opt/ringfleet/operator.js', '--help']);

  expect(help).toContain('Usage: ringfleet');
});
