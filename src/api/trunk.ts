import { z } from 'zod';
import {
  bool,
  cidr,
  codecs,
  DNS_LABEL,
  dtmf,
  enumOf,
  hostname,
  integer,
  keyed,
  mediaEncryption,
  metadata,
  NO_EFFECT,
  ordered,
  reference,
  SECRET_TEXT,
  secretKey,
  secretReference,
  sessionTimers,
  sipWord,
  statusBase,
  text,
} from './common.ts';
import { destination } from './destination.ts';
import { AGE, condition, type KindInfo, READY, REASON } from './kind-info.ts';

/** Trunk: a connection to a carrier. */

const FORMATS = ['E164', 'E164NoPlus', 'International', 'National'] as const;

const trunkSpec = z
  .strictObject({
    enabled: bool(
      'Whether the trunk is in service. false: no new calls go out or come in over it; calls that are up go on. Defaults to true.',
    ).default(true),
    servers: keyed(
      z
        .strictObject({
          name: text(DNS_LABEL, 40, 'Name of the server, unique in the list.'),
          host: hostname('IPv4 address or host name. For a name without a port, DNS SRV records are used.'),
          port: integer(
            1,
            65535,
            'Port of the server. Defaults to 5060, or for a name to what DNS SRV says.',
          ).optional(),
          priority: integer(
            0,
            65535,
            'Priority: the trunk registers at the server with the lowest. Defaults to 10. Failover from one server to the next has no effect in this release.',
          ).default(10),
          weight: integer(
            0,
            65535,
            `Share of the calls among servers of one priority. Defaults to 1. ${NO_EFFECT}`,
          ).default(1),
        })
        .describe('A SIP server of the carrier.'),
      ['name'],
      10,
      'SIP servers of the carrier; at least one.',
    ).min(1),
    transport: enumOf(
      ['UDP', 'TCP', 'TLS'],
      'Transport to the carrier. Defaults to UDP. TLS has no effect in this release: such a Trunk is refused.',
    ).default('UDP'),
    credentialsSecretRef: secretReference(
      `the keys username (a name, or name@domain), password (empty if the carrier asks for none) and optionally realm, for calls and registration at the carrier; ${SECRET_TEXT}`,
    ).optional(),
    register: z
      .strictObject({
        enabled: bool('Whether the trunk registers at the carrier. Defaults to false.').optional(),
        expirySeconds: integer(
          60,
          86400,
          'Lifetime of the registration that is asked for, in seconds. Defaults to 300.',
        ).optional(),
      })
      .optional()
      .describe('Registration at the carrier.'),
    identity: z
      .strictObject({
        fromUser: sipWord(
          'User part of the From header. Without credentialsSecretRef also the user that registers. Defaults to the caller ID.',
        ).optional(),
        fromDomain: text(
          '^[A-Za-z0-9.-]*$',
          253,
          'Domain of the From header. Defaults to the domain in the user name, if it has one.',
        ).optional(),
        contactUser: sipWord('User part of the Contact header. Defaults to the user name.').optional(),
        outboundProxy: text(
          '^[A-Za-z0-9.:;=-]*$',
          253,
          'SIP proxy to which all requests are sent: host, host:port, or either followed by ;transport=udp or ;transport=tcp, which then is the transport of the trunk.',
        ).optional(),
      })
      .optional()
      .describe('How the trunk identifies itself in SIP requests to the carrier.'),
    inbound: z
      .strictObject({
        sources: ordered(
          cidr('IPv4 network of the carrier.'),
          64,
          'IPv4 networks from which the carrier calls; /8 or smaller, unless inbound.auth is set. IPv4 addresses in servers are added. If unset and inbound.auth is set, any address. Calls from elsewhere get 401.',
        ).optional(),
        auth: z
          .strictObject({ secretRef: secretReference(`the keys username and password; ${SECRET_TEXT}`) })
          .optional()
          .describe('Credentials with which the carrier must authenticate its calls.'),
        didFrom: enumOf(
          ['RequestUri', 'To', 'PCalledPartyId'],
          'Where to read the called number. If unset, the first of request URI, To and P-Called-Party-ID that has the number of a PhoneNumber.',
        ).optional(),
        numberFormat: enumOf(
          FORMATS,
          `Format in which the carrier sends numbers. All formats are understood anyway. Defaults to E164. ${NO_EFFECT}`,
        ).optional(),
        unknownNumber: destination(
          'Where calls go to numbers that no PhoneNumber has. If unset, they get 404.',
        ).optional(),
      })
      .optional()
      .describe('Inbound calls: those from the carrier.'),
    outbound: z
      .strictObject({
        numberFormat: enumOf(
          FORMATS,
          'Format in which numbers are sent: E164 (+442079460000), E164NoPlus (442079460000), International or National, with the prefixes of the country. Defaults to E164.',
        ).optional(),
        callerIdHeader: enumOf(
          ['PAssertedIdentity', 'RemotePartyId', 'From'],
          'SIP header that carries the caller ID. Defaults to PAssertedIdentity.',
        ).optional(),
        prefix: text(
          '^[0-9*#+]*$',
          16,
          'Prefix of all numbers that are sent, except emergency numbers. Defaults to none.',
        ).optional(),
        fallbackCallerId: reference(
          'PhoneNumber',
          'PhoneNumber shown as caller ID when the caller has none. Defaults to callerId.default of the Organization.',
        ).optional(),
        failoverOn: ordered(
          text('^([1-6][0-9]{2}|[1-6]xx|Timeout)$', 7, 'SIP code, class of codes such as 5xx, or Timeout.'),
          32,
          `Responses after which the next server is tried. ${NO_EFFECT}`,
        ).optional(),
      })
      .optional()
      .describe('Outbound calls: those to the carrier.'),
    limits: z
      .strictObject({
        concurrentCalls: integer(
          1,
          2000,
          'Maximum number of calls at a time. Inbound calls count and are never refused; an outbound call above it takes the next Trunk. If unset, no limit of its own.',
        ).optional(),
        callsPerSecond: integer(1, 1000, `Maximum number of new calls per second. ${NO_EFFECT}`).optional(),
      })
      .optional()
      .describe('Limits that the carrier sets.'),
    codecs: codecs('Defaults to alaw, ulaw.').optional(),
    dtmf: dtmf('Defaults to RFC4733.').optional(),
    sessionTimers: sessionTimers('Defaults to Accept.').optional(),
    mediaEncryption: mediaEncryption('Defaults to Disable.').optional(),
    tls: z
      .strictObject({
        caSecretRef: secretKey('the CA certificate of the carrier; it has no effect in this release').optional(),
        verify: bool(`Whether the certificate of the carrier is verified. Defaults to true. ${NO_EFFECT}`).optional(),
      })
      .optional()
      .describe('TLS to the carrier, for transport TLS.'),
    health: z
      .strictObject({
        optionsSeconds: integer(
          0,
          3600,
          'Seconds between two OPTIONS requests that check whether the carrier is reachable; 0 for none. Defaults to 30.',
        ).optional(),
      })
      .optional()
      .describe('How the carrier is monitored.'),
  })
  .describe('Desired state of the trunk.');

const trunkStatus = z
  .object({
    ...statusBase,
    registration: z
      .object({
        state: z
          .string()
          .max(32)
          .optional()
          .describe('State of the registration: Registered, Unregistered, Rejected, Stopped or Unknown.'),
        lastCode: z.number().int().optional().describe('SIP code of the last response to a registration.'),
      })
      .optional()
      .describe('Registration at the carrier; only with register.enabled.'),
    lastFailure: z
      .object({
        code: z.number().int().optional().describe('SIP code of the response.'),
        text: z.string().max(256).optional().describe('Reason phrase of the response.'),
        at: z.string().max(64).optional().describe('Time of the failure, as in RFC 3339.'),
      })
      .optional()
      .describe('Last response of the carrier that was a failure.'),
  })
  .describe('Observed state of the trunk, written by the operator.');

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
  description: 'A Trunk is a SIP connection to a carrier, over which calls to and from the telephone network go.',
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
