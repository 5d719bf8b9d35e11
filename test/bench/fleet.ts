import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtInClasses } from '../../src/api/built-in-classes.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { buildBundles } from '../../src/tools/build.ts';
import { playQuotas, playStatefulSets } from '../fake-apiserver/controllers.ts';
import type { Obj } from '../fake-apiserver/object.ts';
import { FakeApiServer } from '../fake-apiserver/server.ts';
import { FakeAgents } from '../faults/fake-agents.ts';

/** Many tenants on a fake API server, with agents, and operators as processes of their own, bundled as they ship. */
export interface Settled {
  readonly rss: number;
  readonly peak: number;
}

const API = { apiVersion: 'ringfleet.io/v1alpha1' };

export class Fleet {
  readonly server = new FakeApiServer({ namespaces: ['ringfleet'] });
  readonly agents = new FakeAgents(this.server, systemClock);
  readonly tenants: readonly string[];
  readonly #users: number;
  #folder = '';

  constructor(tenants: number, users: number) {
    this.tenants = Array.from({ length: tenants }, (_, i) => `tenant-${i}`);
    this.#users = users;
  }

  async start(): Promise<void> {
    playStatefulSets(this.server, { address: index => `127.1.${index >> 8}.${index & 255}` });
    playQuotas(this.server);
    for (const one of builtInClasses) this.server.create(structuredClone(one) as unknown as Obj);
    for (const tenant of this.tenants) this.#tenant(tenant);
    await this.server.listen();
    await this.agents.listen();
    this.#folder = await mkdtemp(join(tmpdir(), 'ringfleet-bench-'));
    await buildBundles(this.#folder, { operator: 'test/bench/operator-process.ts' });
  }

  async stop(): Promise<void> {
    await this.agents.close();
    await this.server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #tenant(namespace: string): void {
    this.server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const limits = { users: Math.max(50, this.#users + 100) };
    this.put('Organization', namespace, namespace, { sipDomain: `${namespace}.example`, limits });
    for (let i = 0; i < this.#users; i++) this.user(namespace, i);
  }

  put(kind: string, namespace: string, name: string, spec: Record<string, unknown>): Obj {
    return this.server.apply({ ...API, kind, metadata: { name, namespace }, spec }, 'kubectl');
  }

  user(namespace: string, index: number, more: Record<string, unknown> = {}): void {
    const spec = {
      extension: String(10_000 + index),
      fullName: `User ${index}`,
      email: `u${index}@${namespace}.example`,
    };
    this.put('SipUser', namespace, `user-${index}`, { ...spec, ...more });
  }

  /** With what its Deployment gives it. */
  operator(): ChildProcess {
    const env = {
      ...process.env,
      ...deployed('NODE_OPTIONS'),
      ...deployed('MALLOC_ARENA_MAX'),
      BENCH_SERVER: this.server.url,
      BENCH_AGENTS: String(this.agents.port),
      BENCH_TENANTS: String(this.tenants.length),
    };
    return fork(join(this.#folder, 'operator.js'), { env, execArgv: profiling() });
  }

  /** All users of all tenants are Ready, and nothing has been written for a while. */
  async settle(): Promise<void> {
    let last = this.server.log.length;
    let since = systemClock.monotonic();
    await until(
      'all tenants to be at rest',
      () => {
        const written = this.server.writes().filter(({ plural }) => plural !== 'leases').length;
        if (written !== last) since = systemClock.monotonic();
        last = written;
        return (systemClock.monotonic() - since > 20_000 && this.#allReady()) || undefined;
      },
      { deadlineMs: 600_000, everyMs: 500 },
    );
  }

  #allReady(): boolean {
    return this.server.list('SipUser').every(user => {
      const { conditions = [] } = (user['status'] ?? {}) as { conditions?: { type: string; status: string }[] };
      return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
    });
  }
}

function deployed(name: string): Record<string, string> {
  const text = readFileSync(join(import.meta.dirname, '../../config/operator/deployment.yaml'), 'utf8');
  const value = new RegExp(`name: ${name}, value: "?([^"}]*)`).exec(text)?.[1];
  if (value === undefined) throw new Error(`The operator's Deployment has no ${name}`);
  return { [name]: value };
}

/** RINGFLEET_BENCH_PROFILE names a folder for CPU profiles of the operators. */
function profiling(): string[] {
  const folder = process.env['RINGFLEET_BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}

export async function settled(child: ChildProcess): Promise<Settled> {
  const [message] = await once(child, 'message');
  return message as Settled;
}

export async function memoryOf(child: ChildProcess): Promise<Settled> {
  const answer = once(child, 'message');
  child.send('memory');
  return (await answer)[0] as Settled;
}

export async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}
