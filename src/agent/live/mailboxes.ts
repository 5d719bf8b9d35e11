import type { AgentReport } from '../../api/report.ts';
import type { AmiClient } from '../ami/client.ts';
import { mailboxes } from '../ami/queries.ts';
import type { Probe } from './probe.ts';

/** How many messages, new and old, each mailbox has. */
export class MailboxesProbe implements Probe<Pick<AgentReport, 'mailboxes'>> {
  async look(client: AmiClient): Promise<Pick<AgentReport, 'mailboxes'>> {
    return { mailboxes: await mailboxes(client) };
  }
}
