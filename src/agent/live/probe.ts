import type { AmiClient } from '../ami/client.ts';

/** The parts of the configuration that probes need. */
export interface Subject {
  /** Endpoint ids of trunks. */
  readonly trunkIds: readonly string[];
  /** Undefined: not known yet. */
  readonly sipPort: number | undefined;
}

/** Asks the live Asterisk for one section of the report. Rejects when it does not answer. */
export interface Probe<Section> {
  look(client: AmiClient, subject: Subject): Promise<Section>;
}
