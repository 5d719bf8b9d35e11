import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { badRequest, notFound, Refusal } from './answers.ts';
import { type Asked, type Fault, type Faults, isWrite } from './faults.ts';
import type { Lists } from './lists.ts';
import { apiVersionOf, type Obj } from './object.ts';
import type { DeleteOptions, Registry, Target } from './registry.ts';
import { bodyOf, type Route, routeOf } from './route.ts';
import { type Storage, whole } from './storage.ts';
import type { Watches } from './watches.ts';

/** HTTP on the one side, the registry on the other, and the planned faults between them. */
export interface FrontOptions {
  readonly storage: Storage;
  readonly registry: Registry;
  readonly watches: Watches;
  readonly lists: Lists;
  readonly faults: Faults;
}

export interface Logged extends Asked {
  readonly path: string;
  /** 0: no answer was given. */
  readonly code: number;
}

interface Exchange {
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: string;
}

export class Front {
  readonly log: Logged[] = [];
  tokens: Set<string> | undefined;
  /** Where reads look: older than the truth while they are frozen. */
  reads: Storage;
  /** Single objects, too. */
  staleGets = false;
  readonly #options: FrontOptions;
  readonly #sockets = new Map<Socket, string>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.reads = options.storage;
  }

  readonly serve = (request: IncomingMessage, response: ServerResponse): void => {
    this.#serve(request, response).catch((error: unknown) => {
      console.error(error); // a defect of this server
      response.destroy();
    });
  };

  disconnect(client?: string): void {
    for (const [socket, owner] of this.#sockets) if (client === undefined || owner === client) socket.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
    const client = token || 'anonymous';
    this.#remember(request.socket, client);
    const body = await readAll(request);
    if (this.#options.faults.isDead(client)) {
      request.socket.destroy();
      return;
    }
    try {
      if (/^\/(healthz|livez|readyz|version)/.test(request.url ?? '')) {
        response.end('{}');
        return;
      }
      if (this.tokens && !this.tokens.has(token)) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
      this.#exchange({ route: routeOf(request, client), request, response, body });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const asked: Asked = { client, verb: 'get', plural: '', namespace: '', name: '', subresource: '' };
      this.log.push({ ...asked, path: request.url ?? '', code: error.code });
      answer(response, error);
    }
  }

  #exchange(exchange: Exchange): void {
    const { route, request, response } = exchange;
    const fault = this.#options.faults.take(route.asked);
    if (fault?.how === 'stall' || fault?.how === 'cut-before') {
      this.#log(exchange, 0);
      if (fault.how === 'cut-before') request.socket.destroy();
      return;
    }
    try {
      if (fault?.how === 'answer') throw fault.refusal;
      if (route.asked.verb === 'watch') {
        this.#log(exchange, 200);
        this.#watch(route, response);
      } else this.#perform(exchange, fault);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#log(exchange, error.code);
      answer(response, error);
    }
  }

  #perform(exchange: Exchange, fault: Fault | undefined): void {
    const { route, request, response, body } = exchange;
    const { asked } = route;
    const text = isWrite(asked.verb) ? this.#write(route, bodyOf(body)) : this.#read(route);
    const code = asked.verb === 'create' ? 201 : 200;
    const dies = this.#options.faults.wrote(asked);
    const lost = dies || fault?.how === 'cut-after';
    this.#log(exchange, lost ? 0 : code);
    if (dies) this.disconnect(asked.client);
    if (lost) {
      request.socket.destroy();
      return;
    }
    response.writeHead(code, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    if (fault?.how === 'cut-mid-body') response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    else response.end(text);
  }

  #read({ asked, kind, namespace, query, metadataOnly }: Route): string {
    const storage = this.reads;
    if (asked.verb === 'get') {
      const stored = (this.staleGets ? storage : this.#options.storage).get(kind, asked.namespace, asked.name);
      if (!stored) throw notFound(kind, asked.name);
      return whole(stored);
    }
    return this.#options.lists.page(storage, {
      kind,
      namespace,
      name: asked.name,
      labelSelector: query.get('labelSelector') ?? '',
      limit: Number(query.get('limit') ?? 0),
      from: query.get('continue') ?? '',
      metadataOnly,
    });
  }

  #watch({ asked, kind, namespace, query }: Route, response: ServerResponse): void {
    const request = {
      asked,
      kind,
      namespace,
      labelSelector: query.get('labelSelector') ?? '',
      bookmarks: query.get('allowWatchBookmarks') === 'true',
      timeoutSeconds: Number(query.get('timeoutSeconds') ?? 1800),
    };
    this.#options.watches.open(request, query.get('resourceVersion') ?? '', response);
  }

  #write({ asked, kind, query }: Route, body: Record<string, unknown>): string {
    const target: Target = { ...asked, kind };
    if (asked.verb === 'delete') {
      const stored = this.#options.registry.delete(target, body as DeleteOptions);
      return JSON.stringify({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { uid: stored.object.metadata.uid },
      });
    }
    const options = {
      manager: query.get('fieldManager') ?? (asked.verb === 'apply' ? '' : asked.client),
      strict: query.get('fieldValidation') === 'Strict',
      force: query.get('force') === 'true',
    };
    if (asked.verb === 'patch') return whole(this.#options.registry.mergePatch(target, body, options));
    const object = body as unknown as Obj;
    checkIdentity(target, object);
    if (asked.verb === 'create') return whole(this.#options.registry.create(target, object, options));
    if (asked.verb === 'update') return whole(this.#options.registry.update(target, object, options));
    return whole(this.#options.registry.apply(target, object, options));
  }

  #log({ route, request }: Exchange, code: number): void {
    this.log.push({ ...route.asked, path: request.url ?? '', code });
  }

  #remember(socket: Socket, client: string): void {
    if (!this.#sockets.has(socket)) socket.once('close', () => this.#sockets.delete(socket));
    this.#sockets.set(socket, client);
  }
}

function checkIdentity({ kind, name, namespace }: Target, { apiVersion, kind: said, metadata }: Obj): void {
  if (said !== kind.kind || apiVersion !== apiVersionOf(kind))
    throw badRequest(
      `the API version in the data (${apiVersion}, Kind=${said}) does not match the expected API version (${apiVersionOf(kind)}, Kind=${kind.kind})`,
    );
  if (!metadata || (name && metadata.name && metadata.name !== name))
    throw badRequest('the name of the object does not match the name on the URL');
  if (namespace && metadata.namespace && metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function answer(response: ServerResponse, refusal: Refusal): void {
  const after = refusal.retryAfter ? { 'retry-after': String(refusal.retryAfter) } : {};
  response.writeHead(refusal.code, { 'content-type': 'application/json', ...after });
  response.end(JSON.stringify(refusal.status()));
}

async function readAll(request: IncomingMessage): Promise<string> {
  request.setEncoding('utf8');
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}
