import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stderr-free stdout; message constant, past tense; never a spec value or a credential. */
export function createLogger(component: string, level = process.env['RINGFLEET_LOG_LEVEL'] ?? 'info'): Logger {
  return pino({ name: component, level, base: { component } });
}
