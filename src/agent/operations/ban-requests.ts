import type { Guard } from '../events/guard.ts';

const PATH = '/v1/bans';

interface Answer {
  readonly status: number;
  readonly body?: string;
}

/**
 * Answers requests about bans. `GET /v1/bans` lists the banned addresses, with the remaining seconds and the number of failed
 * logins; `DELETE /v1/bans/198.51.100.7` lifts a ban. 404: there is no such ban, or no such path.
 */
export function answerBanRequest(guard: Pick<Guard, 'list' | 'lift'>, method = '', url = ''): Answer {
  if (method === 'GET' && url === PATH) return { status: 200, body: JSON.stringify(guard.list()) };
  const isOne = method === 'DELETE' && url.startsWith(`${PATH}/`);
  return { status: isOne && guard.lift(url.slice(PATH.length + 1)) ? 204 : 404 };
}
