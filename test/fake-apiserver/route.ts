import type { IncomingMessage } from 'node:http';
import { badRequest, Refusal } from './answers.ts';
import type { Asked, Verb } from './faults.ts';
import { type Kind, kinds } from './kinds.ts';

/** What a request asks for, read from its method, path and content type. */
export interface Route {
  readonly asked: Asked;
  readonly kind: Kind;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly query: URLSearchParams;
  readonly metadataOnly: boolean;
}

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';

export function routeOf(request: IncomingMessage, client: string): Route {
  const url = new URL(request.url ?? '/', 'http://server');
  const parts = url.pathname
    .split('/')
    .filter(part => part !== '')
    .map(decodeURIComponent);
  const [group, version, ...rest] = parts[0] === 'api' ? ['', ...parts.slice(1)] : parts.slice(1);
  const scoped = rest[0] === 'namespaces' && rest.length > 2;
  const [plural = '', name = '', subresource = ''] = scoped ? rest.slice(2) : rest;
  const kind = kinds().find(one => one.group === group && one.version === version && one.plural === plural);
  if (!kind || (scoped && !kind.namespaced) || !['', 'status'].includes(subresource))
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  if (subresource === 'status' && !kind.status)
    throw new Refusal(404, 'NotFound', 'the server could not find the requested resource');
  const namespace = scoped ? rest[1] : undefined;
  const field = /^metadata\.name=([^,]+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
  const verb = verbOf(request, name, url.searchParams);
  return {
    asked: { client, verb, plural, namespace: namespace ?? '', name: name || (field ?? ''), subresource },
    kind,
    namespace,
    query: url.searchParams,
    metadataOnly: request.headers.accept?.includes('as=PartialObjectMetadata') ?? false,
  };
}

function verbOf({ method, headers }: IncomingMessage, name: string, query: URLSearchParams): Verb {
  if (method === 'GET') return name ? 'get' : query.get('watch') === 'true' ? 'watch' : 'list';
  if (method === 'POST' && !name) return 'create';
  if (method === 'PUT' && name) return 'update';
  if (method === 'DELETE' && name) return 'delete';
  if (method !== 'PATCH' || !name)
    throw new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource');
  if (headers['content-type'] === APPLY) return 'apply';
  if (headers['content-type'] === MERGE) return 'patch';
  throw new Refusal(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${MERGE}, ${APPLY}`,
  );
}

export function bodyOf(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed))
      return parsed as Record<string, unknown>;
  } catch (cause) {
    throw badRequest(`error decoding the body: ${String(cause)}`);
  }
  throw badRequest('the body is no object');
}
