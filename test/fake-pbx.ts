import type { AmiClient } from '../src/agent/ami/client.ts';

/** An Asterisk with so many channels and a gate, as whoever empties it sees it. */
export class FakePbx {
  /** `undefined`: it does not answer. */
  channels: number | undefined = 0;
  /** Of the gate; empty: it is open. */
  value = '';
  absent = false;
  connected = true;
  /** Happens right after the next look that found it empty. */
  afterEmpty: (() => void) | undefined;
  /** Happens after each change of `draining`. */
  onDraining: (() => void) | undefined;
  #draining = false;
  readonly #starts: (() => void)[] = [];

  get draining(): boolean {
    return this.#draining;
  }

  set draining(draining: boolean) {
    if (draining === this.#draining) return;
    this.#draining = draining;
    this.onDraining?.();
  }

  get client(): AmiClient | undefined {
    return this.connected ? (this as unknown as AmiClient) : undefined;
  }

  onNewAsterisk(listener: () => void): void {
    this.#starts.push(listener);
  }

  restart(): void {
    for (const listener of this.#starts) listener();
  }

  async list(): Promise<unknown[]> {
    if (this.channels === undefined) throw new Error('No answer');
    const rows = Array.from({ length: this.channels }, () => ({}));
    if (rows.length === 0) this.afterEmpty?.();
    return rows;
  }

  async action(action: string, { Val = '' }: Record<string, string> = {}): Promise<Record<string, string>> {
    if (this.channels === undefined) throw new Error('No answer');
    if (action === 'Hangup') this.channels = 0;
    if (action === 'DBPut') this.value = Val;
    if (action === 'DBDel') this.value = '';
    return { CoreStartupDate: '2026-01-01', CoreStartupTime: '00:00:00' };
  }

  get gate(): boolean {
    return this.value !== '';
  }
}
