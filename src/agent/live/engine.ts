import type { AgentReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import { engineVersion } from '../ami/queries.ts';
import type { Probe } from './probe.ts';

/** Which engine the dialplan that Asterisk started with has. */
export class EngineProbe implements Probe<Pick<AgentReport, 'engine'>> {
  /** By connection, which ends with its Asterisk: an engine stays for as long as that runs. */
  readonly #versions = new WeakMap<AmiClient, number>();

  async look(client: AmiClient): Promise<Pick<AgentReport, 'engine'>> {
    const version = this.#versions.get(client) ?? (await engineVersion(client));
    if (version === undefined) return {};
    this.#versions.set(client, version);
    return { engine: { version } };
  }
}
