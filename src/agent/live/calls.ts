import type { AgentReport } from '../../api/report.ts';
import type { AmiClient, AmiMessage } from '../ami/client.ts';
import { channels, countCalls } from '../ami/queries.ts';
import type { Probe } from './probe.ts';
import { recount } from './recount.ts';

type Section = Pick<AgentReport, 'calls' | 'channels'>;

/** How many calls there are, and of how many channels. */
export class CallsProbe implements Probe<Section> {
  /** A call was transferred since the last look. */
  #transferred = false;

  /** Keeps what only events say: that a call was transferred. */
  note(event: AmiMessage): void {
    if (event['Event'] === 'AttendedTransfer') this.#transferred = true;
  }

  async look(client: AmiClient): Promise<Section> {
    if (this.#transferred) {
      this.#transferred = false;
      await recount(client);
    }
    const names = await channels(client);
    return { calls: await countCalls(client, names), channels: names.length };
  }
}
