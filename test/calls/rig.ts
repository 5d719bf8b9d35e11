import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { hangUpAll } from '../../src/agent/ami/actions.ts';
import type { BanLimits } from '../../src/agent/events/bans.ts';
import type { MemoryTimes } from '../../src/agent/live/memory-marks.ts';
import { compile } from '../../src/core/compile.ts';
import { credentialsName, endpointId } from '../../src/core/names.ts';
import { conditionsOf } from '../../src/core/status/conditions.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { DirectoryPbx } from '../../src/standalone/pbx.ts';
import { type Phone, PhoneBank } from '../../src/standalone/phones/phone-bank.ts';
import { Carrier } from '../carrier/carrier.ts';

/** A whole telephone system on loopback: the PBX of a directory, phones at 127.0.0.2, a carrier at 127.0.0.3. */
export interface RigOptions {
  readonly organization?: Record<string, unknown>;
  readonly users?: Record<string, Record<string, unknown>>;
  readonly numbers?: Record<string, Record<string, unknown>>;
  /** A trunk that registers at the rig's carrier. */
  readonly trunk?: Record<string, unknown>;
  /** Other trunks, as they are. */
  readonly trunks?: Record<string, Record<string, unknown>>;
  readonly locations?: Record<string, Record<string, unknown>>;
  readonly banLimits?: Partial<BanLimits>;
  readonly memoryLimit?: () => number | undefined;
  readonly memoryTimes?: Partial<MemoryTimes>;
}

const ORG = 'acme';
const CARRIER = { username: 'acme-at-carrier', password: 'carrier-password' };
const HZ = [440, 520, 620, 740, 1010, 1200, 1450];

export class Rig {
  readonly directory: string;
  /** What `up` would have printed. */
  readonly said: string[];
  readonly sipPort: number;
  readonly pbx: DirectoryPbx;
  readonly bank: PhoneBank;
  readonly carrier: Carrier;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #phones = 0;

  private constructor(
    directory: string,
    sipPort: number,
    parts: { pbx: DirectoryPbx; bank: PhoneBank; carrier: Carrier; said: string[] },
  ) {
    this.directory = directory;
    this.sipPort = sipPort;
    this.pbx = parts.pbx;
    this.bank = parts.bank;
    this.carrier = parts.carrier;
    this.said = parts.said;
  }

  static async start(sipPort: number, options: RigOptions = {}): Promise<Rig> {
    const root = await mkdtemp(join(tmpdir(), 'ringfleet-rig-'));
    const directory = join(root, 'manifests');
    await mkdir(directory);
    const installation = await findAsterisk(line => console.log(line));
    const said: string[] = [];
    const side = { installation, clock: systemClock };
    const bank = new PhoneBank({
      ...side,
      directory: join(root, 'phones'),
      address: '127.0.0.2',
      sipPort: sipPort + 10,
      managerPort: sipPort + 1,
      rtp: { start: 21_000, end: 21_400 },
    });
    const carrier = new Carrier(
      {
        ...side,
        directory: join(root, 'carrier'),
        address: '127.0.0.3',
        sipPort: sipPort + 20,
        managerPort: sipPort + 2,
        rtp: { start: 22_000, end: 22_400 },
      },
      CARRIER,
    );
    const pbx = await DirectoryPbx.create({
      directory,
      installation,
      address: '127.0.0.1',
      sipPort,
      managerPort: sipPort + 3,
      clock: systemClock,
      log: createLogger('rig', 'fatal'),
      say: line => said.push(line),
      banLimits: options.banLimits,
      memoryTimes: options.memoryTimes,
      ...(options.memoryLimit && { memoryLimit: options.memoryLimit }),
    });
    const rig = new Rig(directory, sipPort, { pbx, bank, carrier, said });
    try {
      await rig.#begin(options);
    } catch (error) {
      await rig.stop(); // nobody else knows it
      throw error;
    }
    return rig;
  }

  async #begin({
    organization = {},
    users = {},
    numbers = {},
    trunk,
    trunks = {},
    locations = {},
  }: RigOptions): Promise<void> {
    await this.put('Organization', ORG, { sipDomain: 'acme.example', location: { country: 'IN' }, ...organization });
    for (const [name, spec] of Object.entries(users)) await this.put('SipUser', name, spec);
    for (const [name, spec] of Object.entries(numbers)) await this.put('PhoneNumber', name, spec);
    for (const [name, spec] of Object.entries(trunks)) await this.put('Trunk', name, spec);
    for (const [name, spec] of Object.entries(locations)) await this.put('Location', name, spec);
    if (trunk) await this.#putTrunk(trunk);
    await Promise.all([this.bank.start(), trunk ? this.carrier.start() : undefined]);
    this.#running = this.pbx.run(this.#stop.signal).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) throw error;
    });
    await this.settled();
  }

  async #putTrunk(spec: Record<string, unknown>): Promise<void> {
    const manifest = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'carrier' }, stringData: CARRIER };
    await writeFile(join(this.directory, 'carrier-secret.yaml'), stringify(manifest));
    const servers = [{ name: 'a', host: '127.0.0.3', port: this.sipPort + 20 }];
    await this.put('Trunk', 'carrier', {
      servers,
      credentialsSecretRef: { name: 'carrier' },
      register: { enabled: true },
      ...spec,
    });
  }

  /** Creates or changes an object, as a user edits a file. */
  async put(
    kind: string,
    name: string,
    spec: Record<string, unknown>,
    metadata: Record<string, unknown> = {},
  ): Promise<void> {
    const apiVersion = 'ringfleet.io/v1alpha1';
    const named =
      kind === 'SipUser' && !('fullName' in spec) && !('firstName' in spec) ? { fullName: name, ...spec } : spec;
    await this.write(
      `${kind}-${name}.yaml`,
      stringify({ apiVersion, kind, metadata: { name, ...metadata }, spec: named }),
    );
  }

  async write(file: string, text: string): Promise<void> {
    await writeFile(join(this.directory, file), text);
  }

  async remove(kind: string, name: string): Promise<void> {
    await rm(join(this.directory, `${kind}-${name}.yaml`));
  }

  /** Waits until what the directory says is what Asterisk has. */
  async settled(where: (rig: Rig) => boolean = () => true): Promise<void> {
    await until(
      'the PBX to have what the directory says',
      () => (this.#isSettled() && where(this) ? true : undefined),
      { deadlineMs: 30_000, everyMs: 20 },
    );
  }

  #isSettled(): boolean {
    const wanted = this.pbx.plan?.bundle?.manifest.generation;
    return (
      wanted !== undefined &&
      this.pbx.report.bundle.loaded === wanted &&
      this.pbx.report.ready &&
      this.pbx.agent.client !== undefined
    );
  }

  /** Edits, then waits until the edit has arrived in a new bundle and is loaded. */
  async edit(change: () => Promise<void>): Promise<void> {
    const before = this.pbx.plan?.bundle?.manifest.generation;
    await change();
    await this.settled(rig => rig.pbx.plan?.bundle?.manifest.generation !== before);
  }

  credentials(user: string): { username: string; password: string } {
    const spec = this.pbx.snapshot?.objects.SipUser.find(one => one.metadata.name === user)?.spec;
    const password = this.pbx.snapshot?.secrets.get(credentialsName(user))?.data['password'];
    return { username: endpointId(ORG, spec?.extension ?? ''), password: password ?? '' };
  }

  /** A phone of a user, registered with what her Secret says. */
  async phone(
    user: string,
    change: Partial<{ username: string; password: string; name: string }> = {},
  ): Promise<Phone> {
    const { username, password } = this.credentials(user);
    const hz = HZ[this.#phones++ % HZ.length] ?? 440;
    return this.bank.add({ name: user, username, password, server: '127.0.0.1', port: this.sipPort, hz, ...change });
  }

  async registered(user: string): Promise<Phone> {
    const phone = await this.phone(user);
    await phone.registered();
    return phone;
  }

  condition(kind: string, name: string, type: string): { status: string; reason: string; message: string } | undefined {
    if (!this.pbx.snapshot) return undefined;
    const plan = compile({ ...this.pbx.snapshot, report: this.pbx.report }, '2026-01-01T00:00:00Z');
    const status = plan.statuses.find(one => one.kind === kind && one.name === name)?.status;
    return conditionsOf(status).find(condition => condition.type === type);
  }

  async becomes(
    kind: string,
    name: string,
    type: string,
    wanted: { status?: string; reason?: string },
    deadlineMs = 15_000,
  ): Promise<void> {
    await until(
      `${kind}/${name} ${type} to become ${JSON.stringify(wanted)}`,
      () => {
        const found = this.condition(kind, name, type);
        return found &&
          (!wanted.status || found.status === wanted.status) &&
          (!wanted.reason || found.reason === wanted.reason)
          ? true
          : undefined;
      },
      { deadlineMs },
    );
  }

  /** Ends all calls and waits until none is left: one that is being transferred may bring forth another meanwhile. */
  async hush(): Promise<void> {
    await until(
      'all calls to be over',
      async () => {
        const { client } = this.pbx.agent;
        if (!client) return undefined;
        await hangUpAll(client);
        return (await client.command('core show channels count')).includes('0 active channels') || undefined;
      },
      { deadlineMs: 10_000, everyMs: 20 },
    );
  }

  async stop(): Promise<void> {
    await this.bank.stop();
    await this.carrier.remove();
    this.#stop.abort();
    await this.#running;
    await rm(join(this.directory, '..'), { recursive: true, force: true, maxRetries: 5 });
  }
}
