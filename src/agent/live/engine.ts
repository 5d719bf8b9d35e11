import type { AgentReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import { engineVersion } from '../ami/queries.ts';
import type { Probe } from './probe.ts';

/** The version of the engine: the fixed part of the dialplan, which Asterisk reads only when it starts. */
export class EngineProbe implements Probe<Pick<AgentReport, 'engine'>> {
  /** Versions by connection: it ends with its Asterisk, and the engine does not change before. */
  readonly #versions = new WeakMap<AmiClient, number>();

  async look(client: AmiClient): Promise<Pick<AgentReport, 'engine'>> {
    const version = this.#versions.get(client) ?? (await engineVersion(client));
    if (version === undefined) return {};
    this.#versions.set(client, version);
    return { engine: { version } };
  }
}
