/** What an API server says of a manifest: whether it takes it, and which fields it names when not. */
export interface ServerAnswer {
  readonly taken: boolean;
  /** In order, each once. `metadata.labels.*`: one of them, it is not said which. */
  readonly fields: readonly string[];
}

interface Status {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string }[] };
}

export function serverAnswer(code: number, body: unknown): ServerAnswer {
  if (code < 300) return { taken: true, fields: [] };
  const { message = '', details } = (body ?? {}) as Status;
  const causes = (details?.causes ?? []).flatMap(({ field }) => (field && field !== '<nil>' ? [field] : []));
  const unknown = [...message.matchAll(/unknown field "([^"]+)"/g)].flatMap(([, field]) => field ?? []);
  const [, owner, member, type] = /Go struct field (\w+)\.(\w+) of type (\S+)/.exec(message) ?? [];
  const undecoded = member
    ? [`${owner === 'ObjectMeta' ? 'metadata.' : ''}${member}${type === 'string' && !SINGLE.has(member) ? '.*' : ''}`]
    : [];
  // a key of a Secret that is no name may be the secret itself: `lint` does not tell it
  const fields = [...causes, ...unknown, ...undecoded].map(field => field.replace(/\[[^\]\d][^\]]*\s[^\]]*\]$/, ''));
  return { taken: false, fields: [...new Set(fields)].sort() };
}

/** Members that are a text themselves. */
const SINGLE: ReadonlySet<string> = new Set(['name', 'namespace', 'generateName']);

/** Whether the fields that `lint` names are those that the server names, where it names any. */
export function sameFields(server: readonly string[], own: readonly string[]): boolean {
  if (server.length === 0) return true;
  const fits = (field: string, named: string): boolean =>
    named.endsWith('.*') ? field.startsWith(named.slice(0, -1)) : field === named;
  return (
    server.every(named => own.some(field => fits(field, named))) &&
    own.every(field => server.some(named => fits(field, named)))
  );
}
