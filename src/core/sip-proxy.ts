/** An outbound proxy, parsed from what users write: `p.example`, `p.example:5060;transport=tcp`, `sip:p.example;lr`. */
export interface SipProxy {
  readonly host: string;
  readonly port?: number;
  /** Absent: the text names none. */
  readonly transport?: 'UDP' | 'TCP';
}

const PROXY = /^(?:(sips?):)?([A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?)(?::([0-9]{1,5}))?((?:;[^;]*)*)$/i;

/** `wrong` completes a message that begins with "spec.identity.outboundProxy". */
export type ParsedProxy = { readonly proxy: SipProxy } | { readonly wrong: string };

export function parseProxy(text: string): ParsedProxy {
  const [, scheme, host, port, rest = ''] = PROXY.exec(text) ?? [];
  if (host === undefined) return { wrong: 'is not a host with an optional port, such as proxy.example:5060' };
  if (scheme?.toLowerCase() === 'sips') return { wrong: 'begins with sips:, and TLS has no effect in this release' };
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && (number < 1 || number > 65535)) return { wrong: `has the port ${number}` };
  let transport: SipProxy['transport'];
  for (const parameter of rest.split(';').filter(one => one !== '')) {
    const [name = '', value] = parameter.toLowerCase().split('=');
    if (name === 'lr') continue; // every proxy is taken for a loose router
    if (name !== 'transport') return { wrong: `has the parameter ${name}; only transport and lr can be set` };
    if (value !== 'udp' && value !== 'tcp') return { wrong: `has the transport ${value ?? ''}; use udp or tcp` };
    transport = value === 'tcp' ? 'TCP' : 'UDP';
  }
  return { proxy: { host, ...(number === undefined ? {} : { port: number }), ...(transport && { transport }) } };
}
