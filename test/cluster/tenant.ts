import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { until } from '../../src/runtime/clock.ts';
import { apply, kubectl, tryKubectl } from './environment.ts';

/** A tenant of the test cluster, seen as its people see it: through kubectl. */
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

// biome-ignore lint/suspicious/noExplicitAny: an object of the API, whatever it is
export type Live = any;

const API_VERSION = 'ringfleet.io/v1alpha1';
/** The usual people of a tenant, and their extensions. */
const PEOPLE = { jane: '1001', john: '1002', zoe: '1003', max: '1004' } as const;
type Person = keyof typeof PEOPLE;

export class Tenant {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  /** A namespace that enforces the restricted level, and an Organization in it. */
  static async create(name: string, spec: Record<string, unknown> = {}): Promise<Tenant> {
    const tenant = new Tenant(name);
    await apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    await tenant.put('Organization', name, { sipDomain: `${name}.example`, location: { country: 'IN' }, ...spec });
    return tenant;
  }

  /** The sample directory, as it is or under another name; only what is told apart by the whole platform is changed. */
  static async sample(name: string, change: (text: string) => string = text => text): Promise<Tenant> {
    const folder = join(import.meta.dirname, '../../config/samples/hotel');
    const files = (await readdir(folder)).filter(file => file.endsWith('.yaml'));
    const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
    const documents = texts
      .flatMap(text => [...parseAllDocuments(change(text.replaceAll('grand-estancia', name)))])
      .map(document => document.toJS() as { kind: string });
    await apply(...documents.filter(({ kind }) => kind === 'Namespace'));
    await apply(...documents.filter(({ kind }) => kind !== 'Namespace'));
    return new Tenant(name);
  }

  async put(
    kind: string,
    name: string,
    spec: Record<string, unknown>,
    metadata: Record<string, unknown> = {},
  ): Promise<void> {
    await apply(this.manifest(kind, name, spec, metadata));
  }

  manifest(kind: string, name: string, spec: Record<string, unknown>, metadata: Record<string, unknown> = {}): unknown {
    const named =
      kind === 'SipUser' && !('fullName' in spec) && !('firstName' in spec) ? { fullName: name, ...spec } : spec;
    return { apiVersion: API_VERSION, kind, metadata: { name, namespace: this.name, ...metadata }, spec: named };
  }

  async people(...names: Person[]): Promise<void> {
    await apply(...names.map(name => this.manifest('SipUser', name, { extension: PEOPLE[name] })));
  }

  async secret(name: string, stringData: Record<string, string>): Promise<void> {
    await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: this.name }, stringData });
  }

  async patch(kind: string, name: string, patch: unknown): Promise<void> {
    await kubectl(['-n', this.name, 'patch', kind, name, '--type=merge', '-p', JSON.stringify(patch)]);
  }

  async remove(kind: string, name: string): Promise<void> {
    await kubectl(['-n', this.name, 'delete', kind, name, '--wait=false']);
  }

  async get(kind: string, name: string): Promise<Live | undefined> {
    const { code, stdout } = await tryKubectl(['-n', this.name, 'get', kind, name, '-o', 'json', '--ignore-not-found']);
    return code === 0 && stdout ? JSON.parse(stdout) : undefined;
  }

  async list(kind: string): Promise<Live[]> {
    return JSON.parse(await kubectl(['-n', this.name, 'get', kind, '-o', 'json'])).items;
  }

  async condition(kind: string, name: string, type: string): Promise<Condition | undefined> {
    const object = await this.get(kind, name);
    const current = object?.status?.observedGeneration === object?.metadata?.generation;
    const conditions: Condition[] = object?.status?.conditions ?? [];
    return current ? conditions.find(condition => condition.type === type) : undefined;
  }

  /** Waits for a condition of the newest generation. */
  async becomes(
    kind: string,
    name: string,
    type: string,
    wanted: { status?: string; reason?: string },
    deadlineMs = 60_000,
  ): Promise<Condition> {
    let last: Condition | undefined;
    return until(
      `${this.name}: ${kind}/${name} ${type} to become ${JSON.stringify(wanted)}`,
      async () => {
        last = await this.condition(kind, name, type);
        const right =
          last &&
          (!wanted.status || last.status === wanted.status) &&
          (!wanted.reason || last.reason === wanted.reason);
        return right ? last : undefined;
      },
      { deadlineMs, everyMs: 150 },
    ).catch((cause: unknown) => {
      throw new Error(`${(cause as Error).message}; it is ${JSON.stringify(last)}`, { cause });
    });
  }

  /** Everything of the tenant is Ready. */
  async ready(deadlineMs = 60_000): Promise<void> {
    const kinds = 'organizations,sipusers,trunks,phonenumbers,locations';
    const timeout = `--timeout=${Math.ceil(deadlineMs / 1000)}s`;
    await kubectl(['-n', this.name, 'wait', '--for=condition=Ready', kinds, '--all', timeout]);
  }

  /** What a phone needs, exactly as the Secret says it. */
  async credentials(user: string): Promise<Record<string, string>> {
    const secret = await until(`Secret ${user}-sip`, () => this.get('secret', `${user}-sip`), {
      deadlineMs: 30_000,
      everyMs: 100,
    });
    const data: Record<string, string> = secret.data ?? {};
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  }

  get pod(): string {
    return `${this.name}-pbx-0`;
  }

  /** A command of Asterisk's own console in the pod. */
  asterisk(command: string): Promise<string> {
    const words = ['asterisk', '-C', '/etc/asterisk/asterisk.conf', '-rx', command];
    return kubectl(['-n', this.name, 'exec', this.pod, '-c', 'asterisk', '--', ...words]);
  }

  async podUid(): Promise<string | undefined> {
    return (await this.get('pod', this.pod))?.metadata?.uid;
  }

  /** Asterisk's process is the same one while this stays the same. In its own words: the kubelet's come later. */
  async asteriskStartedAt(): Promise<string> {
    const [, startup] = /Startup time:\s*(\S.*\S)/.exec(await this.asterisk('core show settings')) ?? [];
    if (!startup) throw new Error('Asterisk does not say when it started');
    return startup;
  }

  async drop(): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--wait=false', '--ignore-not-found']);
    await kubectl(['-n', this.name, 'delete', 'pod', '--all', '--grace-period=1', '--wait=false']).catch(() => ''); // it goes anyway
  }
}
