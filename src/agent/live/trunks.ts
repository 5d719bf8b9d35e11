import type { AgentReport, TrunkReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import { type OutboundRegistration, outboundRegistrations, staticContacts } from '../ami/queries.ts';
import type { LogLevels } from '../asterisk/log-levels.ts';
import type { Probe, Subject } from './probe.ts';
import { type RegistrationFailure, registrationFailures, registrationKey } from './registration-log.ts';

/** Whether trunks are registered with their carriers, and whether these answer OPTIONS. By endpoint id. */
export class TrunksProbe implements Probe<Pick<AgentReport, 'trunks'>> {
  readonly #readLog: () => Promise<string>;
  readonly #logLevels: Pick<LogLevels, 'looked'>;
  /** Last failures of trunks that are not registered, by `registrationKey`. Kept, since the end of the log soon lacks them. */
  readonly #failures = new Map<string, RegistrationFailure>();

  /** `readLog` returns the end of Asterisk's log; `logLevels` is notified whether the log is needed. */
  constructor(readLog: () => Promise<string>, logLevels: Pick<LogLevels, 'looked'>) {
    this.#readLog = readLog;
    this.#logLevels = logLevels;
  }

  async look(client: AmiClient, { trunkIds }: Subject): Promise<Pick<AgentReport, 'trunks'>> {
    const trunks = await this.#byId(client, trunkIds);
    await this.#logLevels.looked(
      client,
      Object.values(trunks).some(({ registration }) => isRefused(registration)),
    );
    return { trunks };
  }

  async #byId(client: AmiClient, trunkIds: readonly string[]): Promise<Record<string, TrunkReport>> {
    if (trunkIds.length === 0) return {};
    const registrations = await outboundRegistrations(client);
    const reachable = await staticContacts(client, trunkIds);
    await this.#noteFailures([...registrations.values()]);
    const entries = trunkIds.map(id => {
      const row = registrations.get(id);
      const said = trunkReport(row?.state ?? 'Unknown', row && this.#failures.get(keyOf(row)));
      return [id, { ...said, reachable: reachable.get(id) ?? 'Unknown' }] as const;
    });
    return Object.fromEntries(entries);
  }

  async #noteFailures(registrations: readonly OutboundRegistration[]): Promise<void> {
    const failing = new Set(registrations.filter(({ state }) => state !== 'Registered').map(keyOf));
    for (const key of this.#failures.keys()) if (!failing.has(key)) this.#failures.delete(key);
    if (failing.size === 0) return;
    for (const [key, failure] of registrationFailures(await this.#readLog()))
      if (failing.has(key)) this.#failures.set(key, failure);
  }
}

function keyOf({ serverUri, clientUri }: OutboundRegistration): string {
  return registrationKey(serverUri, clientUri);
}

function isRefused(registration: TrunkReport['registration']): boolean {
  return registration !== 'Registered' && registration !== 'Unknown';
}

/** Asterisk reports a registration as rejected also when the carrier did not answer. */
function trunkReport(
  registration: TrunkReport['registration'],
  failure: RegistrationFailure | undefined,
): Omit<TrunkReport, 'reachable'> {
  if (registration === 'Registered') return { registration, lastCode: 200, lastText: 'OK' };
  if (!failure || registration === 'Unknown') return { registration };
  const unanswered = registration === 'Rejected' && failure.code === 408;
  return { registration: unanswered ? 'Unregistered' : registration, lastCode: failure.code, lastText: failure.text };
}
