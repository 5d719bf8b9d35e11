import type { AmiClient, AmiMessage } from '../ami/client.ts';
import { CONTEXTS } from './sections.ts';

/** Which generation the dialplan is of: a type of its own, with one id. */
export const GENERATION = 'generation';

/**
 * What is loaded, by type as in `sections.ts`. A broken line takes the whole of the files that `extensions.conf` includes
 * along, or itself: so the dialplan is asked for its generation, and for each extension that a tenant's objects make.
 */
export async function readBack(client: AmiClient): Promise<Map<string, Set<string>>> {
  const [endpoints, auths, aors, registrations, mailboxes, identifies] = [
    await client.list('PJSIPShowEndpoints'),
    await client.list('PJSIPShowAuths'),
    await client.list('PJSIPShowAors'),
    await client.list('PJSIPShowRegistrationsOutbound'),
    await client.list('VoicemailUsersList'),
    await client.command('pjsip show identifies'),
  ];
  const of = (messages: readonly AmiMessage[], header: string): Set<string> =>
    new Set(messages.map(message => message[header] ?? ''));
  const generation = (await client.action('Getvar', { Variable: 'RF_GENERATION' }))['Value'] ?? '';
  return new Map([
    ['endpoint', of(endpoints, 'ObjectName')],
    ['auth', of(auths, 'ObjectName')],
    ['aor', of(aors, 'ObjectName')],
    ['registration', of(registrations, 'ObjectName')],
    ['mailbox', of(mailboxes, 'VoiceMailbox')],
    ['identify', new Set([...identifies.matchAll(/Identify:\s+([^/\s]+)/g)].map(match => match[1] ?? ''))],
    ...(await extensions(client)),
    [GENERATION, new Set([generation])],
  ]);
}

async function extensions(client: AmiClient): Promise<[string, Set<string>][]> {
  const found: [string, Set<string>][] = [];
  for (const context of CONTEXTS) {
    const text = await client.command(`dialplan show ${context}`);
    found.push([context, new Set([...text.matchAll(/^ {2}'([^']*)' => /gm)].map(match => match[1] ?? ''))]);
  }
  return found;
}
