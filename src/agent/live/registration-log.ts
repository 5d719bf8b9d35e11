import { problems } from '../asterisk/asterisk-log.ts';

/**
 * The answers of carriers to registrations, from Asterisk's log: no event and no command shows the SIP status of a refused
 * registration (res_pjsip_outbound_registration of Asterisk 22). It is only the explanation for a trunk that Asterisk lists
 * as not registered, never the proof that it is not. Pure.
 */
export interface RegistrationFailure {
  /** SIP status; 408 when nobody answered. */
  readonly code: number;
  readonly text: string;
}

const SOURCE = 'res_pjsip_outbound_registration.c';
const ANSWER =
  /^(?:'(\d{3})' fatal response|(403) Forbidden fatal response|Fatal response '(\d{3})'|Temporal response '(\d{3})'|(No response)) received from '([^']*)' on registration attempt to '([^']+)'/;

const TEXTS: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'No response',
  423: 'Interval Too Brief',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
};

/** Identifies a registration: one account may register with several servers. */
export function registrationKey(serverUri: string, clientUri: string): string {
  return `${clientUri} at ${serverUri}`;
}

/** The last failure of each registration in a log, by `registrationKey`. */
export function registrationFailures(log: string): Map<string, RegistrationFailure> {
  const failures = new Map<string, RegistrationFailure>();
  for (const { source, words } of problems(log)) {
    const said = source === SOURCE ? ANSWER.exec(words) : null;
    if (!said) continue;
    const [, fatal, forbidden, stopped, temporal, silence, server = '', client = ''] = said;
    const code = silence ? 408 : Number(fatal ?? forbidden ?? stopped ?? temporal);
    failures.set(registrationKey(server, client), { code, text: TEXTS[code] ?? `SIP ${code}` });
  }
  return failures;
}
