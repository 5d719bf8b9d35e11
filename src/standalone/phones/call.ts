import { open } from 'node:fs/promises';
import type { AmiMessage } from '../../agent/ami/client.ts';
import { until } from '../../runtime/clock.ts';
import type { SideAsterisk } from './side-asterisk.ts';
import { hears, hearsSomething, inWords, RATE } from './tones.ts';

/** The file is at 48 kHz; telephone audio has nothing above 4 kHz, so every sixth sample says it all. */
const OVERSAMPLED = 6;

/** How much longer than usual audio may take on a busy machine. */
const LATE = 6;

export interface CallEnd {
  /** Q.850 cause as Asterisk made it of the SIP answer: 17 busy, 19 no answer, 21 rejected, 1 unknown, 34 and 42 congestion. */
  readonly cause: number;
}

/** A call of a phone, from the side of the phone. */
export class Call {
  /** Unique id of the channel. */
  readonly id: string;
  readonly #side: SideAsterisk;
  readonly #heardFile: string;
  #channel = '';
  #state = '';
  #end: CallEnd | undefined;
  #digits = '';

  constructor(side: SideAsterisk, id: string, heardFile: string) {
    this.#side = side;
    this.id = id;
    this.#heardFile = heardFile;
    side.client.onEvent(event => this.#note(event));
  }

  get channel(): string {
    return this.#channel;
  }

  set channel(name: string) {
    this.#channel = name;
  }

  /** Digits that the other side pressed. */
  get digits(): string {
    return this.#digits;
  }

  /** Answered, or played something to before: Asterisk makes no difference for a channel that it originates. */
  get isUp(): boolean {
    return this.#end === undefined && this.#state === 'Up';
  }

  async answered(deadlineMs = 10_000): Promise<void> {
    await this.#wait('the call to be answered', () => this.isUp, deadlineMs);
  }

  async ringing(deadlineMs = 5_000): Promise<void> {
    await this.#wait('the call to ring', () => this.#state === 'Ringing', deadlineMs);
  }

  async ended(deadlineMs = 10_000): Promise<CallEnd> {
    return until('the call to end', () => this.#end, { clock: this.#side.options.clock, deadlineMs, everyMs: 20 });
  }

  async hangUp(): Promise<void> {
    if (this.#end) return;
    await this.#side.client.action('Hangup', { Channel: this.#channel, Cause: '16' }).catch(() => undefined); // it may have just ended
    await this.ended();
  }

  async sendDigits(digits: string): Promise<void> {
    for (const digit of digits) {
      await this.#side.client.action('PlayDTMF', { Channel: this.#channel, Digit: digit, Duration: '120' });
      await this.#side.options.clock.sleep(250);
    }
  }

  /**
   * Waits until the tone is heard; throws when something else is heard at the deadline, and says what. While nothing is
   * heard the machine may be late: that is waited for several times as long.
   */
  async hears(hz: number, deadlineMs = 5_000): Promise<void> {
    const { clock } = this.#side.options;
    const begun = clock.monotonic();
    for (let all = await this.heard(); !hears(all, hz); all = await this.heard()) {
      const waited = clock.monotonic() - begun;
      if (waited >= (this.#end || hearsSomething(all) ? 1 : LATE) * deadlineMs)
        throw new Error(`${this.#channel} (${this.#state}) did not hear ${hz} Hz, but ${inWords(all)}`);
      await clock.sleep(100);
    }
  }

  /** What was heard since the given sample. Asterisk writes 32 kB at a time: at 48 kHz that is a third of a second. */
  async heard(fromSample = 0): Promise<Int16Array> {
    const file = await open(this.#heardFile, 'r').catch(() => undefined);
    if (!file) return new Int16Array();
    try {
      const { size } = await file.stat();
      const start = fromSample * 2 * OVERSAMPLED;
      const length = Math.max(0, Math.floor(size / 2) * 2 - start);
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, start);
      const all = new Int16Array(buffer.buffer, buffer.byteOffset, Math.floor(length / 2));
      return Int16Array.from(
        { length: Math.floor(all.length / OVERSAMPLED) },
        (_, place) => all[place * OVERSAMPLED] ?? 0,
      );
    } finally {
      await file.close();
    }
  }

  /** Samples heard so far. One second of silence is one second too. */
  async position(): Promise<number> {
    return (await this.heard()).length;
  }

  async listen(ms: number): Promise<Int16Array> {
    const from = await this.position();
    const wanted = from + (ms * RATE) / 1000;
    await until(`${ms} ms of audio`, async () => ((await this.position()) >= wanted || this.#end ? true : undefined), {
      clock: this.#side.options.clock,
      deadlineMs: ms + 5_000,
    });
    return this.heard(from);
  }

  async #wait(what: string, condition: () => boolean, deadlineMs: number): Promise<void> {
    await until(
      what,
      () => {
        if (condition()) return true;
        if (this.#end) throw new Error(`The call ended with cause ${this.#end.cause} while waiting for ${what}`);
        return undefined;
      },
      { clock: this.#side.options.clock, deadlineMs, everyMs: 20 },
    );
  }

  #note(event: AmiMessage): void {
    if (event['Uniqueid'] !== this.id) return;
    if (event['Channel']) this.#channel = event['Channel'];
    if (event['Event'] === 'Newstate' || event['Event'] === 'Newchannel') this.#state = event['ChannelStateDesc'] ?? '';
    if (event['Event'] === 'DTMFEnd' && event['Direction'] === 'Received') this.#digits += event['Digit'] ?? '';
    if (event['Event'] === 'Hangup') this.#end = { cause: Number(event['Cause'] ?? 0) };
  }
}
