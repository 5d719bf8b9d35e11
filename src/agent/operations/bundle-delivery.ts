import type { IncomingMessage, ServerResponse } from 'node:http';
import { MOST_DELIVERED, OFFER_PATH, SUPPLY_PATH, supplySchema } from '../../api/delivery.ts';
import type { BundleInbox, Delivered } from '../configuration/bundle-inbox.ts';

/** The agent's side of a delivery (`api/delivery.ts`). Its content may be secret, and gets into no answer and no log. */
export async function takeDelivery(
  inbox: Pick<BundleInbox, 'offer' | 'supply'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await bodyOf(request);
  if (body === undefined) {
    response.writeHead(413).end();
    request.destroy(); // so that the rest is not received
    return;
  }
  const delivered = await deliver(inbox, request.url, body);
  if (delivered === undefined) response.writeHead(400).end();
  else if ('refused' in delivered) response.writeHead(409, { 'content-type': 'text/plain' }).end(delivered.refused);
  else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(delivered));
}

/** Whether a request belongs to a delivery. */
export function isDelivery({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && (url === OFFER_PATH || url === SUPPLY_PATH);
}

async function deliver(
  inbox: Pick<BundleInbox, 'offer' | 'supply'>,
  url: string | undefined,
  body: string,
): Promise<Delivered | undefined> {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (url === OFFER_PATH) return inbox.offer(said);
  const supplied = supplySchema.safeParse(said);
  return supplied.success ? inbox.supply(supplied.data.generation, supplied.data.files) : undefined;
}

/** The body of a request; undefined: it is too long. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_DELIVERED) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
