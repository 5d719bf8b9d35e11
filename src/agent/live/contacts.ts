import type { AgentReport, Contact } from '../../api/report.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { AmiClient } from '../ami/client.ts';
import { contacts, type LiveContact } from '../ami/queries.ts';
import type { Probe, Subject } from './probe.ts';

/** The phones that are registered, by AOR. A registration that is only refreshed looks the same and is therefore no change. */
export class ContactsProbe implements Probe<Pick<AgentReport, 'contacts'>> {
  readonly #clock: Clock;
  /** RFC 3339 times of when contacts were seen first, by AOR and URI. */
  readonly #since = new Map<string, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async look(client: AmiClient, { trunkIds }: Subject): Promise<Pick<AgentReport, 'contacts'>> {
    const live = await contacts(client);
    return { contacts: this.#byAor(live.filter(({ aor }) => !trunkIds.includes(aor))) };
  }

  #byAor(live: readonly LiveContact[]): Record<string, Contact[]> {
    const seen = new Set<string>();
    const byAor: Record<string, Contact[]> = {};
    for (const { aor, contact } of live) {
      const key = `${aor} ${contact.uri}`;
      seen.add(key);
      const since = this.#since.get(key) ?? `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
      this.#since.set(key, since);
      byAor[aor] = [...(byAor[aor] ?? []), { ...contact, since }].sort((a, b) => (a.uri < b.uri ? -1 : 1));
    }
    for (const key of this.#since.keys()) if (!seen.has(key)) this.#since.delete(key);
    return Object.fromEntries(Object.entries(byAor).sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
