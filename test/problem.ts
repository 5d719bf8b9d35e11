/** A line of the log that the agent reads, as Asterisk 22 writes it. */
export function problem(source: string, message: string, { level = 'ERROR', callid = '' } = {}): string {
  const location = { filename: source, function: 'load', line: 1 };
  const identifiers = { lwp: 49, callid };
  const timestamp = '2026-11-24 13:45:46.357';
  const logmsg = { location, level, message: `${message}\n` };
  return `${JSON.stringify({ hostname: 'ringfleet', timestamp, identifiers, logmsg })}\n`;
}
