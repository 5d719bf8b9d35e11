import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AmiClient } from '../../agent/ami/client.ts';
import {
  asteriskConf,
  HTTP_CONF,
  LOGGER_CONF,
  openManagerConf,
  type Places,
  placesIn,
} from '../../agent/asterisk/base-files.ts';
import type { AsteriskInstallation } from '../../agent/asterisk/installation.ts';
import { type AsteriskProcess, startAsterisk } from '../../agent/asterisk/process.ts';
import { modulesConf, SMALL_FILES } from '../../core/asterisk/static-files.ts';
import { type Clock, until } from '../../runtime/clock.ts';

/** An Asterisk beside the PBX, in a directory of its own, which acts as phones and carriers. */
export interface SideOptions {
  readonly installation: AsteriskInstallation;
  readonly directory: string;
  readonly address: string;
  readonly sipPort: number;
  readonly managerPort: number;
  readonly rtp: { readonly start: number; readonly end: number };
  readonly clock: Clock;
}

const EXTRA_MODULES = [
  'app_mixmonitor.so',
  'res_convert.so',
  'res_pjsip_endpoint_identifier_anonymous.so',
  'func_pjsip_contact.so',
];

export class SideAsterisk {
  readonly options: SideOptions;
  readonly places: Places;
  #child: AsteriskProcess | undefined;
  #client: AmiClient | undefined;

  constructor(options: SideOptions) {
    this.options = options;
    this.places = placesIn(options.directory);
  }

  get client(): AmiClient {
    if (!this.#client) throw new Error('This Asterisk is not started');
    return this.#client;
  }

  async start(files: ReadonlyMap<string, string>): Promise<void> {
    const { clock, installation, managerPort, rtp } = this.options;
    await Promise.all(
      [...Object.values(this.places), `${this.places.state}/keys`].map(path => mkdir(path, { recursive: true })),
    );
    const secret = randomBytes(16).toString('hex');
    await this.write(
      new Map([
        ...Object.entries(SMALL_FILES),
        ['asterisk.conf', asteriskConf(this.places, installation)],
        ['manager.conf', openManagerConf(managerPort, 'side', secret, 'all').replace('originate', 'originate,all')],
        ['logger.conf', LOGGER_CONF],
        ['http.conf', HTTP_CONF],
        ['modules.conf', `${modulesConf()}${EXTRA_MODULES.map(name => `load=${name}\n`).join('')}`],
        ['rtp.conf', `[general]\nrtpstart=${rtp.start}\nrtpend=${rtp.end}\n`],
        ['voicemail.conf', '[general]\nformat=wav\n'],
        ...files,
      ]),
    );
    this.#child = startAsterisk(installation, this.places);
    this.#client = await until(
      'a side Asterisk to start',
      async () => {
        if (this.#child?.gone !== false) throw new Error(`A side Asterisk ended: ${await this.log()}`);
        return AmiClient.connect({ port: managerPort, username: 'side', secret }, clock).catch(() => undefined);
      },
      { clock, deadlineMs: 20_000 },
    );
    await this.#client.command('core waitfullybooted', 20_000);
  }

  async write(files: ReadonlyMap<string, string>): Promise<void> {
    await Promise.all([...files].map(([name, text]) => writeFile(join(this.places.config, name), text)));
  }

  /** Its log, for the messages of failed tests. */
  async log(): Promise<string> {
    return readFile(join(this.places.log, 'messages'), 'utf8').catch(() => '');
  }

  async stop(): Promise<void> {
    this.#client?.close();
    this.#client = undefined;
    const child = this.#child;
    this.#child = undefined;
    if (!child) return;
    child.kill();
    await child.exited;
  }

  async remove(): Promise<void> {
    await this.stop();
    await rm(this.options.directory, { recursive: true, force: true });
  }
}
