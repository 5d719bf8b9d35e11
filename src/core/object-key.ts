/** An object of a tenant as one text, `<Kind>/<name>`: a key of maps, and the form that the agent's reports have. */
export type ObjectKey<K extends string = string> = `${K}/${string}`;

export function objectKey<K extends string>(kind: K, name: string): ObjectKey<K> {
  return `${kind}/${name}`;
}

/** Kind and name of a key. A kind has no slash, so the first one separates them. */
export function parseObjectKey<K extends string>(key: ObjectKey<K>): { readonly kind: K; readonly name: string } {
  const at = key.indexOf('/');
  return { kind: key.slice(0, at) as K, name: key.slice(at + 1) };
}

/** An object as messages name it: `SipUser jane`. */
export function objectLabel(key: ObjectKey): string {
  const { kind, name } = parseObjectKey(key);
  return `${kind} ${name}`;
}
