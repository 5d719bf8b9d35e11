/** What a phone needs to register, as the Secret of a user has it. */
export type Credentials = Readonly<Record<string, string>>;

/** A SIP URI with the password, as generic readers of QR codes take it. */
export function phoneUri({
  username = '',
  password = '',
  server = '',
  port = '',
  transport = 'UDP',
}: Credentials): string {
  const host = server.includes(':') ? `[${server}]` : server;
  return `sip:${username}:${encodeURIComponent(password)}@${host}:${port};transport=${transport.toLowerCase()}`;
}
