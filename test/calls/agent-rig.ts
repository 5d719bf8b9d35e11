import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Agent } from '../../src/agent/agent.ts';
import { type Places, placesIn } from '../../src/agent/asterisk/base-files.ts';
import type { AsteriskInstallation } from '../../src/agent/asterisk/installation.ts';
import { supervise } from '../../src/agent/supervise.ts';
import { MANIFEST_KEY } from '../../src/api/bundle.ts';
import type { Bundle } from '../../src/core/plan.ts';
import { systemClock, until } from '../../src/runtime/clock.ts';
import { findAsterisk } from '../../src/standalone/asterisk/find.ts';
import { organization, type Parts, settle, snapshot } from '../snapshots.ts';

/** An agent and an Asterisk as in a pod: two lives, and bundles that a test publishes as the kubelet does. */
export class AgentRig {
  readonly places: Places;
  readonly scratch: string;
  readonly #root: string;
  readonly #port: number;
  readonly #installation: AsteriskInstallation;
  /** What its agents said, for the messages of failed tests. */
  readonly said: string[] = [];
  readonly #log = pino({ level: 'debug' }, { write: line => this.said.push(line.trim()) });
  agent!: Agent;
  #agentLife = new Life();
  #asteriskLife = new Life();

  private constructor(root: string, port: number, installation: AsteriskInstallation) {
    this.#root = root;
    this.scratch = join(root, 'scratch');
    this.#port = port;
    this.#installation = installation;
    this.places = placesIn(root);
  }

  static async start(port: number): Promise<AgentRig> {
    const root = await mkdtemp(join(tmpdir(), 'ringfleet-agent-'));
    const rig = new AgentRig(root, port, await findAsterisk(line => console.log(line)));
    await mkdir(join(root, 'bundle'));
    rig.startAgent();
    rig.startAsterisk();
    return rig;
  }

  startAgent(): void {
    const agent = new Agent({
      bundleDir: join(this.#root, 'bundle'),
      places: this.places,
      scratch: this.scratch,
      installation: this.#installation,
      managerPort: this.#port + 1,
      version: 'test',
      fingerprint: 'test',
      clock: systemClock,
      log: this.#log,
    });
    this.agent = agent;
    this.#agentLife = new Life(signal => agent.run(signal));
  }

  startAsterisk(): void {
    const { agent } = this;
    const options = { agent, installation: this.#installation, places: this.places };
    this.#asteriskLife = new Life(signal => supervise({ ...options, clock: systemClock, log: this.#log }, signal));
  }

  async publish(bundle: Bundle): Promise<void> {
    const { generation } = bundle.manifest;
    const place = (name: string): string => join(this.#root, 'bundle', name);
    await mkdir(place(`..${generation}`), { recursive: true });
    for (const [key, text] of [...bundle.texts, ...bundle.settings])
      await writeFile(join(place(`..${generation}`), key), text);
    await writeFile(join(place(`..${generation}`), MANIFEST_KEY), JSON.stringify(bundle.manifest));
    await symlink(`..${generation}`, place('..new'));
    await rename(place('..new'), place('..data'));
  }

  /** Takes a fragment away from the volume, as somebody who deletes a ConfigMap by hand. */
  async lose(bundle: Bundle): Promise<void> {
    const [key = ''] = bundle.texts.keys();
    await rm(join(this.#root, 'bundle', '..data', key));
  }

  async stopAgent(): Promise<void> {
    await this.#agentLife.end();
  }

  async stopAsterisk(): Promise<void> {
    await this.#asteriskLife.end();
  }

  /** Ends agent and Asterisk as a killed pod ends, and starts both again. */
  async kill(): Promise<void> {
    await Promise.all([this.stopAgent(), this.stopAsterisk()]);
    this.startAgent();
    this.startAsterisk();
  }

  async stop(): Promise<void> {
    await Promise.all([this.stopAgent(), this.stopAsterisk()]);
    await rm(this.#root, { recursive: true, force: true });
  }
}

class Life {
  readonly #stop = new AbortController();
  readonly #done: Promise<unknown>;

  constructor(run: (signal: AbortSignal) => Promise<void> = async () => undefined) {
    this.#done = Promise.allSettled([run(this.#stop.signal)]);
  }

  async end(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/** What the operator would publish for a tenant. */
export function bundleFor(sipPort: number, parts: Parts): Bundle {
  const platform = { ...snapshot().platform, sipPort };
  const { plan } = settle(snapshot({ organizations: [organization()], ...parts, platform }));
  if (!plan.bundle) throw new Error('No bundle');
  return plan.bundle;
}

/** Waits until a bundle is what the PBX runs; what the agent said and did instead is in the error. */
export async function loaded(rig: AgentRig, generation: string): Promise<void> {
  const isLoaded = (): true | undefined => {
    const { bundle, ready } = rig.agent.report();
    return (bundle.loaded === generation && ready && rig.agent.client !== undefined) || undefined;
  };
  await until('the bundle to be in force', isLoaded, { deadlineMs: 30_000 }).catch((cause: unknown) => {
    const said = rig.said.slice(-40).join('\n');
    throw new Error(`${generation} is not in force: ${JSON.stringify(rig.agent.report())}\n${said}`, { cause });
  });
}

/** Waits for the restart check; what it said instead is in the error. */
export async function restartSafe(agent: Agent): Promise<void> {
  const safe = (): true | undefined => (agent.report().restartSafe.status === 'True' ? true : undefined);
  await until('the restart check to be done', safe, { deadlineMs: 30_000 }).catch((cause: unknown) => {
    throw new Error(`Not restart-safe: ${JSON.stringify(agent.report().restartSafe)}`, { cause });
  });
}

/** Phones and trunks that Asterisk has. */
export async function endpoints(agent: Agent): Promise<string[]> {
  const rows = (await agent.client?.list('PJSIPShowEndpoints')) ?? [];
  return rows
    .map(row => row['ObjectName'] ?? '')
    .filter(name => name.startsWith('acme_'))
    .sort();
}
