import { z } from 'zod';
import {
  cidr,
  codecs,
  DNS_LABEL,
  dtmf,
  hostname,
  keyed,
  mediaEncryption,
  metadata,
  ordered,
  reference,
  SECRET_TEXT,
  secretKey,
  secretReference,
  sessionTimers,
  sipWord,
  statusBase,
  text,
  whole,
  words,
  yesNo,
} from './common.ts';
import { destination } from './destination.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';

/** Trunk: a way to and from the telephone network. */

const FORMATS = ['E164', 'E164NoPlus', 'International', 'National'] as const;

const trunkSpec = z
  .strictObject({
    enabled: yesNo('Off: not rendered.').default(true),
    servers: keyed(
      z
        .strictObject({
          name: text(DNS_LABEL, 40, 'Name of the server.'),
          host: hostname('Address or name; without a port it follows SRV.'),
          port: whole(1, 65535, 'Port').optional(),
          priority: whole(0, 65535, 'Lower is tried first').default(10),
          weight: whole(0, 65535, 'Share among equals').default(1),
        })
        .describe('A server of the carrier.'),
      ['name'],
      10,
      'Servers of the carrier; at least one.',
    ).min(1),
    transport: words(['UDP', 'TCP', 'TLS'], 'Transport.').default('UDP'),
    credentialsSecretRef: secretReference(
      `the keys username (a name, or name@domain), password (empty: the carrier asks for none) and optionally realm. ${SECRET_TEXT}`,
    ).optional(),
    register: z
      .strictObject({
        enabled: yesNo('Registers at the carrier. Default false.').optional(),
        expirySeconds: whole(60, 86400, 'Life of the registration. Default 300').optional(),
      })
      .optional()
      .describe('Registration at the carrier.'),
    identity: z
      .strictObject({
        fromUser: sipWord('User part of From; without credentials also who registers.').optional(),
        fromDomain: text('^[A-Za-z0-9.-]*$', 253, 'Domain of From. Default that of a user name with one.').optional(),
        contactUser: sipWord('User part of Contact. Default the user name.').optional(),
        outboundProxy: text(
          '^[A-Za-z0-9.:;=-]*$',
          253,
          'Proxy that all requests go through: a host, and if need be :port and ;transport=udp or ;transport=tcp, which then is the transport of the trunk.',
        ).optional(),
      })
      .optional()
      .describe('How we present ourselves.'),
    inbound: z
      .strictObject({
        sources: ordered(
          cidr('A network.'),
          64,
          'IPv4 networks that the carrier calls from, /8 or smaller unless it authenticates. The addresses among servers count, too; with inbound.auth alone any address.',
        ).optional(),
        auth: z
          .strictObject({ secretRef: secretReference(`the keys username and password. ${SECRET_TEXT}`) })
          .optional()
          .describe('The carrier must authenticate.'),
        didFrom: words(
          ['RequestUri', 'To', 'PCalledPartyId'],
          'Where the called number stands. Absent: the request URI, then To, then P-Called-Party-ID, whichever is ours.',
        ).optional(),
        numberFormat: words(FORMATS, 'How the carrier writes numbers; all are understood. Default E164.').optional(),
        unknownNumber: destination('Where calls to other numbers go. Default 404.').optional(),
      })
      .optional()
      .describe('Calls that come in.'),
    outbound: z
      .strictObject({
        numberFormat: words(FORMATS, 'How numbers are sent. Default E164.').optional(),
        callerIdHeader: words(
          ['PAssertedIdentity', 'RemotePartyId', 'From'],
          'Which header carries the caller ID. Default PAssertedIdentity.',
        ).optional(),
        prefix: text('^[0-9*#+]*$', 16, 'Put before every number.').optional(),
        fallbackCallerId: reference('PhoneNumber to show when the caller has none').optional(),
        failoverOn: ordered(
          text('^([1-6][0-9]{2}|[1-6]xx|Timeout)$', 7, 'A code.'),
          32,
          'Answers after which the next server is tried.',
        ).optional(),
      })
      .optional()
      .describe('Calls that go out.'),
    limits: z
      .strictObject({
        concurrentCalls: whole(
          1,
          2000,
          'Calls at a time, in and out; calls in are counted and never refused',
        ).optional(),
        callsPerSecond: whole(1, 1000, 'New calls per second').optional(),
      })
      .optional()
      .describe('What the carrier allows.'),
    codecs: codecs.optional(),
    dtmf: dtmf.optional(),
    sessionTimers: sessionTimers.optional(),
    mediaEncryption: mediaEncryption.optional(),
    tls: z
      .strictObject({
        caSecretRef: secretKey('the CA certificate').optional(),
        verify: yesNo('Checks the certificate. Default true.').optional(),
      })
      .optional()
      .describe('TLS.'),
    health: z
      .strictObject({
        optionsSeconds: whole(
          0,
          3600,
          'Asks whether the carrier is there, every so many seconds. Default 30',
        ).optional(),
      })
      .optional()
      .describe('Watching the carrier.'),
  })
  .describe('What the trunk should be.');

const trunkStatus = z
  .object({
    ...statusBase,
    registration: z
      .object({
        state: z.string().max(32).optional().describe('State.'),
        lastCode: z.number().int().optional().describe('Last SIP code.'),
      })
      .optional()
      .describe('Our registration at the carrier.'),
    lastFailure: z
      .object({
        code: z.number().int().optional().describe('SIP code.'),
        text: z.string().max(256).optional().describe('Its text.'),
        at: z.string().max(64).optional().describe('When (RFC 3339).'),
      })
      .optional()
      .describe('What went wrong last.'),
  })
  .describe('What is.');

export const trunkSchema = z.object({
  apiVersion: z.literal('ringfleet.io/v1alpha1'),
  kind: z.literal('Trunk'),
  metadata: metadata(DNS_LABEL, 40),
  spec: trunkSpec,
  status: trunkStatus.optional(),
});
export type Trunk = z.infer<typeof trunkSchema>;

export const trunkKind = {
  kind: 'Trunk',
  plural: 'trunks',
  singular: 'trunk',
  shortNames: ['trunk'],
  scope: 'Namespaced',
  description: 'A way to and from the telephone network.',
  schema: trunkSchema,
  columns: [
    { name: 'HOST', jsonPath: '.spec.servers[0].host' },
    condition('REGISTERED', 'Registered'),
    condition('REACHABLE', 'Reachable'),
    READY,
    { name: 'LASTCODE', jsonPath: '.status.registration.lastCode', type: 'integer', priority: 1 },
    REASON,
    AGE,
  ],
  limit: { name: 'trunks', most: 100, builtIn: 5, words: 'trunks' },
  people: 'own',
} as const satisfies KindInfo;
