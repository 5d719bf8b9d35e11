import { randomBytes } from 'node:crypto';

/** A SIP request as text, for who sends many and keeps none in mind. */
export interface Packet {
  readonly method: string;
  readonly uri: string;
  /** URIs. */
  readonly from: string;
  readonly to: string;
  readonly transport: 'UDP' | 'TCP';
  /** The sender's own. */
  readonly address: string;
  readonly port: number;
  readonly callId?: string;
  readonly sequence?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An offer. */
  readonly sdp?: boolean;
}

export function packet({ method, uri, from, to, transport, address, port, ...more }: Packet): string {
  const token = randomBytes(8).toString('hex');
  const body = more.sdp ? offer(address) : '';
  const headers = {
    Via: `SIP/2.0/${transport} ${address}:${port};rport;branch=z9hG4bK${token}`,
    'Max-Forwards': '70',
    From: `<${from}>;tag=${token}`,
    To: `<${to}>`,
    'Call-ID': more.callId ?? token,
    CSeq: `${more.sequence ?? 1} ${method}`,
    Contact: `<sip:x@${address}:${port};transport=${transport.toLowerCase()}>`,
    ...more.headers,
    ...(body && { 'Content-Type': 'application/sdp' }),
    'Content-Length': String(body.length),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${uri} SIP/2.0`, ...lines, '', body].join('\r\n');
}

function offer(address: string): string {
  const session = ['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'];
  return [...session, 'm=audio 40000 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000', ''].join('\r\n');
}

/** Of a response; 0: it is none. */
export function codeOf(text: string): number {
  return Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0);
}

export function headerOf(text: string, name: string): string | undefined {
  return new RegExp(`^${name}: *([^\\r\\n]*)`, 'im').exec(text)?.[1];
}
