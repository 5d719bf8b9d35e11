import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reload } from '../../../src/agent/ami/actions.ts';
import { AmiClient } from '../../../src/agent/ami/client.ts';
import {
  ACL_FILE,
  asteriskConf,
  HTTP_CONF,
  LOGGER_CONF,
  MESSAGES,
  NO_BANS,
  openManagerConf,
  type Places,
  PROBLEMS,
  placesIn,
} from '../../../src/agent/asterisk/base-files.ts';
import { moveIn } from '../../../src/agent/asterisk/config-files.ts';
import type { AsteriskInstallation } from '../../../src/agent/asterisk/installation.ts';
import { type AsteriskProcess, startAsterisk } from '../../../src/agent/asterisk/process.ts';
import { modulesFor } from '../../../src/agent/configuration/modules.ts';
import { modulesConf, SMALL_FILES, SORCERY_CONF } from '../../../src/core/asterisk/static-files.ts';
import { systemClock, until } from '../../../src/runtime/clock.ts';
import { findAsterisk } from '../../../src/standalone/asterisk/find.ts';

/**
 * An Asterisk with the modules, the places and the manager of a PBX, and with nothing else: what it is told is the
 * test's, and nobody mends it. It listens on loopback only.
 *
 * The tests beside this file are the facts that the design leans on. The distribution moves: when one fails, the design
 * has to be looked at, not the test. Each names the trap that it is the proof of (T1 to T30 of features.md §4). Not here,
 * since nothing leans on them:
 *
 * | Trap | Why |
 * |---|---|
 * | T8, TLS; T30, HTTP, ARI, geolocation, websockets | not served; `http.conf` is off, the manager's user never changes |
 * | T13 | no `chan_websocket` |
 * | T14, recording by keys | no such feature; only that blind transfer is off `#` |
 * | T20 | nothing is answered for consent or greeting |
 * | T22 | no `app_queue` |
 * | T24, read-only root and another user | of the image: test/cluster/image.test.ts |
 */
/** By name; `undefined`: there is none. */
export type Files = Readonly<Record<string, string | undefined>>;

const PJSIP = ['system', 'global', 'endpoint', 'aor', 'auth', 'identify', 'registration'];
const MANAGER = { username: 'facts', secret: 'loopback-only' };

export class BareAsterisk {
  readonly sipPort: number;
  readonly places: Places;
  readonly installation: AsteriskInstallation;
  readonly #root: string;
  #process: AsteriskProcess | undefined;
  #client: AmiClient | undefined;

  private constructor(sipPort: number, root: string, installation: AsteriskInstallation) {
    this.sipPort = sipPort;
    this.installation = installation;
    this.#root = root;
    this.places = placesIn(root);
  }

  static async create(sipPort: number): Promise<BareAsterisk> {
    const installation = await findAsterisk(line => console.log(line));
    console.log(`The facts are about Asterisk ${installation.version}`);
    return new BareAsterisk(sipPort, await mkdtemp(join(tmpdir(), 'ringfleet-facts-')), installation);
  }

  static async start(sipPort: number, files: Files): Promise<BareAsterisk> {
    const asterisk = await BareAsterisk.create(sipPort);
    try {
      await asterisk.boot(files);
    } catch (error) {
      await asterisk.remove(); // nobody else knows it
      throw error;
    }
    return asterisk;
  }

  get client(): AmiClient {
    if (!this.#client) throw new Error('This Asterisk is not started');
    return this.#client;
  }

  get process(): AsteriskProcess {
    if (!this.#process) throw new Error('This Asterisk is not started');
    return this.#process;
  }

  get managerAddress(): { port: number; username: string; secret: string } {
    return { port: this.sipPort + 3, ...MANAGER };
  }

  /** Starts it and waits until it is booted. Files stand beside those that every PBX has, or in their place. */
  async boot(files: Files): Promise<void> {
    await this.launch(files);
    this.#client = await until(
      'Asterisk to start',
      async () => {
        if (this.process.gone) throw new Error(`Asterisk ended: ${await this.log()}`);
        return AmiClient.connect(this.managerAddress, systemClock).catch(() => undefined);
      },
      { deadlineMs: 20_000, everyMs: 25 },
    );
    await this.#client.command('core waitfullybooted', 20_000);
  }

  async launch(files: Files): Promise<void> {
    await Promise.all(
      [...Object.values(this.places), `${this.places.state}/keys`].map(path => mkdir(path, { recursive: true })),
    );
    await rm(this.places.config, { recursive: true, force: true });
    await mkdir(this.places.config);
    await this.put({ ...this.#base(), ...files });
    this.#process = startAsterisk(this.installation, this.places);
  }

  /** Replaces files on disk, as the agent does. */
  async put(files: Files): Promise<void> {
    const texts = new Map(Object.entries(files).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
    await moveIn(this.places.config, texts, [...texts.keys()]);
  }

  /** Replaces files, and has them read by the modules that the agent would ask. */
  async load(files: Files): Promise<void> {
    await this.put(files);
    for (const module of modulesFor(Object.keys(files))) await reload(this.client, module, 10_000);
  }

  /** A global variable, or a function. */
  async value(expression: string): Promise<string> {
    return (await this.client.action('Getvar', { Variable: expression }))['Value'] ?? '';
  }

  async endpoints(): Promise<string[]> {
    const rows = await this.client.list('PJSIPShowEndpoints');
    return rows.map(row => row['ObjectName'] ?? '').sort();
  }

  /** Waits for words of its log. */
  async says(words: RegExp): Promise<void> {
    await until(`Asterisk to say ${words}`, async () => (words.test(await this.log()) ? true : undefined), {
      deadlineMs: 5_000,
      everyMs: 20,
    });
  }

  async log(): Promise<string> {
    return readFile(join(this.places.log, MESSAGES), 'utf8').catch(() => '');
  }

  /** Its log as the agent reads it. */
  async problems(): Promise<string> {
    return readFile(join(this.places.log, PROBLEMS), 'utf8').catch(() => '');
  }

  /** Ends it as a killed pod ends. */
  async end(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    this.#process?.kill();
    await this.#process?.exited;
    this.#process = undefined;
  }

  async remove(): Promise<void> {
    await this.end();
    await rm(this.#root, { recursive: true, force: true, maxRetries: 3 });
  }

  #base(): Files {
    const { port, username, secret } = this.managerAddress;
    return {
      ...SMALL_FILES,
      'asterisk.conf': asteriskConf(this.places, this.installation),
      'manager.conf': openManagerConf(port, username, secret, 'system,call,reporting,dialplan,security'),
      'logger.conf': LOGGER_CONF,
      'http.conf': HTTP_CONF,
      [ACL_FILE]: NO_BANS,
      'modules.conf': modulesConf(),
      'sorcery.conf': SORCERY_CONF,
      'rtp.conf': '[general]\nrtpstart=23000\nrtpend=23100\n',
      'voicemail.conf': '[general]\nformat=wav\n[default]\n6 => 1234,Six\n',
      ...Object.fromEntries(PJSIP.map(type => [`pjsip_${type}.conf`, '; none\n'])),
      'pjsip_transport.conf': `[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:${this.sipPort}\n`,
    };
  }
}

/** Users who may call the context `c`; the password of `one` is `secret-one`. */
export function users(...ids: readonly string[]): Record<'endpoint' | 'aor' | 'auth', string> {
  const each = (text: (id: string) => string): string => ids.map(text).join('');
  return {
    endpoint: each(
      id =>
        `[${id}]\ntype=endpoint\ncontext=c\nallow=!all,alaw\ndirect_media=no\nrtp_symmetric=yes\nauth=${id}\naors=${id}\n`,
    ),
    aor: each(id => `[${id}]\ntype=aor\nmax_contacts=2\nremove_existing=yes\n`),
    auth: each(id => `[${id}]\ntype=auth\nusername=${id}\npassword=secret-${id}\n`),
  };
}

export function userFiles(...ids: readonly string[]) {
  const { endpoint, aor, auth } = users(...ids);
  return { 'pjsip_endpoint.conf': endpoint, 'pjsip_aor.conf': aor, 'pjsip_auth.conf': auth };
}

export function login(id: string): { username: string; password: string } {
  return { username: id, password: `secret-${id}` };
}
