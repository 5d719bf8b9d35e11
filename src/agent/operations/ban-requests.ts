import type { Guard } from '../events/guard.ts';

const PATH = '/v1/bans';

interface Answer {
  readonly status: number;
  readonly body?: string;
}

/**
 * `GET /v1/bans` lists who is refused, for how many seconds more and after how many failed logins;
 * `DELETE /v1/bans/198.51.100.7` lets that address in again. 404: there is no such ban, or no such thing.
 */
export function answerBanRequest(guard: Pick<Guard, 'list' | 'lift'>, method = '', url = ''): Answer {
  if (method === 'GET' && url === PATH) return { status: 200, body: JSON.stringify(guard.list()) };
  const isOne = method === 'DELETE' && url.startsWith(`${PATH}/`);
  return { status: isOne && guard.lift(url.slice(PATH.length + 1)) ? 204 : 404 };
}
